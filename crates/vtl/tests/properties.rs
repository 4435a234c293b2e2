//! Whatever a template says, parsing and rendering end, within their limits and without a panic.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use proptest::prelude::*;
use vtl::{Context, Limits, Template, Value, json};

/// Pieces that templates are made of, sensible or not.
const PIECES: &[&str] = &[
    "$",
    "${",
    "}",
    "$a",
    "$!{a.b}",
    "$list[0]",
    "$list.add(1)",
    "$list.addAll($list)",
    "$map.put('k', $map)",
    "$map.k",
    "$map.remove($map)",
    "$list.remove($list)",
    "$list.contains($list)",
    "$list.set(0, $map)",
    "$map.putAll($map)",
    "$list.removeAll($list)",
    "$map.get($list)",
    "#set($map[$map] = $list)",
    "#if($list == $s)",
    "$s.concat($list)",
    "$s.replaceAll('a', '$0$0')",
    "$s.split('')",
    "$s.substring(1)",
    "$foreach.parent.index",
    "#set($s = $s + $s)",
    "#set($list = [$list, $list])",
    "#set($n = $n * $n)",
    "#set($a = ",
    ")",
    "#if($a)",
    "#if($n > 1 && !$b)",
    "#else",
    "#elseif($s)",
    "#end",
    "#foreach($i in $list)",
    "#foreach($i in [1..9])",
    "#break",
    "#stop",
    "#macro(m $x)",
    "#m($s)",
    "#m",
    "#define($d)",
    "$d",
    "#set($a = $d)",
    "#macro(m $s $x)",
    "#macro(w)",
    "#@w()",
    "#@m($s $d)",
    "$bodyContent",
    "#w()",
    "#m(\"$s$x\" $list)",
    "#break($foreach.parent)",
    "#set($it = $list.iterator())",
    "$it.next()",
    "#set($_ = $list.add($it))",
    "$list.hashCode()",
    "$list.addAll(0, $list)",
    "$list.retainAll($list)",
    "$s.format('%-5s|%,.2f', $s, $n)",
    "$s.lastIndexOf('a', 3)",
    "$n.toBinaryString($n)",
    "\"",
    "'",
    "[",
    "]",
    "{",
    "#[[",
    "]]#",
    "##",
    "#*",
    "*#",
    "\\",
    "\n",
    " ",
    "é",
    "1",
    "..",
];

/// Pieces put together without sense.
fn any_template() -> impl Strategy<Value = String> {
    let piece = prop_oneof![prop::sample::select(PIECES).prop_map(|piece| (*piece).to_owned()), "[ -~]{0,4}",];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn context() -> Context {
    let mut context = Context::new();
    for (name, text) in
        [("list", "[1,\"a\",{\"k\":[]}]"), ("map", "{\"k\":1}"), ("s", "\"aé\""), ("n", "1234567890123")]
    {
        context.insert(name, json::parse(text).unwrap());
    }
    context.insert("made", Value::list(vec![Value::Null]));
    context
}

proptest! {
    #[test]
    fn any_text_parses_or_is_refused(source in any::<String>()) {
        let _ = Template::parse(&source);
    }

    #[test]
    fn rendering_stays_within_its_limits(source in any_template(), output_bytes_max in 0_usize..2000, fuel in 0_u64..20_000) {
        let limits = Limits { output_bytes_max, fuel, ..Limits::default() };
        if let Ok(template) = Template::parse(&source) {
            match template.render(&context(), &limits) {
                Ok(output) => prop_assert!(output.len() <= output_bytes_max),
                Err(error) => {
                    let drawn = format!("{error:#}");
                    prop_assert!(drawn.contains('^'), "{}", drawn);
                }
            }
        }
    }

    #[test]
    fn any_format_gives_a_text_or_is_refused(pattern in "(%[-#+ 0,(]{0,3}[0-9]{0,2}(\\.[0-9])?[a-zA-Z%]|[ -~]){0,6}", double in any::<f64>(), integer in any::<i64>()) {
        let mut context = context();
        context.insert("pattern", Value::from(pattern));
        context.insert("double", Value::from(double));
        context.insert("integer", Value::from(integer));
        for values in ["$double, $double", "$integer, $integer", "$s, $list", "$made, $undefined"] {
            let source = format!("$s.format($pattern, {values})");
            let rendered = Template::parse(&source).unwrap().render(&context, &Limits::default());
            if let Err(error) = rendered {
                prop_assert_eq!(error.kind(), vtl::ErrorKind::Host);
            }
        }
    }

    #[test]
    fn fixed_decimals_are_near_their_number(double in -1e15_f64..1e15, places in 0_usize..9) {
        let mut context = context();
        context.insert("double", Value::from(double));
        let source = format!("$s.format('%.{places}f', $double)");
        let text = Template::parse(&source).unwrap().render(&context, &Limits::default()).unwrap();
        let distance = (text.parse::<f64>().unwrap() - double).abs();
        prop_assert!(distance <= 0.5001 * 10_f64.powi(-i32::try_from(places).unwrap()) + double.abs() * 1e-15, "{} {}", text, double);
    }

    #[test]
    fn text_without_marks_is_output_as_it_is(source in "[^$#\\\\]*") {
        let output = Template::parse(&source).unwrap().render(&Context::new(), &Limits::default()).unwrap();
        prop_assert_eq!(output, source);
    }
}

fn check(source: &str, limits: &Limits, expected: vtl::ErrorKind) {
    let error = Template::parse(source).and_then(|template| template.render(&context(), limits)).unwrap_err();
    assert_eq!(error.kind(), expected, "{source}: {error}");
}

#[test]
fn every_limit_is_an_error() {
    use vtl::ErrorKind;

    // Small ones, to reach them soon.
    let limits = Limits { output_bytes_max: 100_000, fuel: 100_000, ..Limits::default() };
    check(&"x".repeat(vtl::TEMPLATE_BYTES_MAX + 1), &limits, ErrorKind::TemplateTooLong);
    check(&"#if(true)".repeat(5000), &limits, ErrorKind::NestingTooDeep);
    check(&format!("#set($x = {}", "(".repeat(100_000)), &limits, ErrorKind::NestingTooDeep);
    check(&format!("#set($x = {}", "!".repeat(100_000)), &limits, ErrorKind::NestingTooDeep);
    check("#foreach($i in [1..1001])#end", &limits, ErrorKind::TooManyTurns);
    check("#macro(m)#m()#end#m()", &limits, ErrorKind::TooDeep);
    check("#macro(m)#@m()#m()#end#end#m()", &limits, ErrorKind::TooDeep);
    check("#macro(m $x)#m(\"$x$x\")$x#end#m('a')", &limits, ErrorKind::TooDeep);
    let doubled = "#macro(a $x)#b(\"$x$x\")#end#macro(b $x)#c(\"$x$x\")#end#macro(c $x)#d(\"$x$x\")#end\
        #macro(d $x)#e(\"$x$x$x$x$x$x$x$x\")#end#macro(e $x)#f(\"$x$x$x$x$x$x$x$x\")#end#macro(f $x)$x#end\
        #foreach($i in [1..999])#a('')#end";
    check(doubled, &limits, ErrorKind::OutOfFuel);
    check("#set($x = [1..999999999])", &limits, ErrorKind::OutOfFuel);
    check("#foreach($i in [1..99])#set($s = $s + $s)#end", &limits, ErrorKind::OutputTooLong);
    check("#foreach($i in [1..99])#set($s = $s.replaceAll('', '$0$0xx'))#end", &limits, ErrorKind::OutputTooLong);
    // Each text is within the limit, all those that are open at the same time are not.
    let held = "#foreach($i in [1..14])#set($s = $s + $s)#end#macro(m)#set($x = \"$s#m()\")#end#m()";
    check(held, &limits, ErrorKind::OutputTooLong);
    let looks_far = "#foreach($i in [1..13])#set($s = $s + $s)#end$s.replaceAll(',(?!.*,)', '')";
    check(looks_far, &limits, ErrorKind::OutOfFuel);
    check("#foreach($i in [1..999])$s.matches(\"(x$i)\")#end", &limits, ErrorKind::OutOfFuel);
    check("#foreach($i in [1..99])#set($n = $n * $n)#end", &limits, ErrorKind::OutOfFuel);
    check("#foreach($i in [1..99])#set($made = [$made, $made])#end$made", &limits, ErrorKind::OutputTooLong);
    let compared = "#set($a = 'A')#foreach($i in [1..13])#set($s = $s + $s)#end\
        #foreach($i in [1..999])$a.equalsIgnoreCase($s)#end";
    check(compared, &limits, ErrorKind::OutOfFuel);
    check("#foreach($i in [1..99])#set($_ = $list.addAll($list))#end", &limits, ErrorKind::OutOfFuel);
    check("#foreach($i in [1..999])#set($made = [$made])#end$made", &limits, ErrorKind::TooDeep);
    check(
        "#set($a = [])#set($b = [])#foreach($i in [1..99])#set($a = [$a, $a])#set($b = [$b, $b])#end#if($a == $b)#end",
        &limits,
        ErrorKind::OutOfFuel,
    );
    check(
        "#foreach($i in [1..99])#set($made = [$made, $made])#end#if($made == 'x')#end",
        &Limits::default(),
        ErrorKind::OutputTooLong,
    );
    check("$map.put('k', {'m': $map})", &limits, ErrorKind::Cycle);
    check(
        "$a#foreach($i in [1..9])0123456789#end",
        &Limits { output_bytes_max: 50, ..limits },
        ErrorKind::OutputTooLong,
    );
}

#[test]
fn long_chains_and_deep_values_do_not_overflow_the_stack() {
    let limits = Limits::default();
    let sum = format!("#set($x = 1{})$x", " + 1".repeat(50_000));
    assert_eq!(Template::parse(&sum).unwrap().render(&Context::new(), &limits).unwrap(), "50001");
    let chain = format!("$x{}", ".y".repeat(100_000));
    assert_eq!(Template::parse(&chain).unwrap().render(&Context::new(), &limits).unwrap(), "");
    let deep = "#foreach($i in [1..999])#foreach($j in [1..99])#set($made = [$made])#end#end ok";
    assert_eq!(Template::parse(deep).unwrap().render(&context(), &limits).unwrap(), " ok");
    let deep_entries =
        "#foreach($i in [1..99])#foreach($j in [1..199])#set($m = {'k': $m})#set($m = $m.entrySet())#end#end ok";
    assert_eq!(Template::parse(deep_entries).unwrap().render(&context(), &limits).unwrap(), " ok");
    let blocks = "#macro(m $b)#foreach($i in [1..999])#foreach($j in [1..999])#define($b)x#end#end#end#end#m('') ok";
    assert_eq!(Template::parse(blocks).unwrap().render(&context(), &limits).unwrap(), " ok");
}

/// A host's method that makes nothing of a text.
struct Reader;

impl vtl::Object for Reader {}

#[test]
fn a_host_that_reads_long_texts_again_and_again_uses_fuel() {
    let mut context = context();
    context.insert("reader", Value::object(Reader));
    context.insert("long", Value::from("x".repeat(1_000_000)));
    let template = Template::parse("#foreach($i in [1..999])$reader.read($long)#end").unwrap();
    let error = template.render(&context, &Limits::default()).unwrap_err();
    assert_eq!(error.kind(), vtl::ErrorKind::OutOfFuel);
}

#[test]
fn a_template_is_shared_between_threads() {
    fn is_shared<T: Send + Sync + 'static>() {}
    is_shared::<Template>();
    is_shared::<vtl::Error>();
    is_shared::<vtl::java_regex::Pattern>();
}
