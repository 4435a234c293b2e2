use proptest::prelude::*;
use vtl::json;

use super::*;

const STORE: &str = r#"{
  "store": {
    "book": [
      {"category": "reference", "author": "Nigel Rees", "title": "Sayings of the Century", "price": 8.95},
      {"category": "fiction", "author": "Evelyn Waugh", "title": "Sword of Honour", "price": 12.99},
      {"category": "fiction", "author": "Herman Melville", "title": "Moby Dick", "isbn": "0-553-21311-3", "price": 8.99},
      {"category": "fiction", "author": "J. R. R. Tolkien", "title": "The Lord of the Rings", "isbn": "0-395-19395-8", "price": 22.99}
    ],
    "bicycle": {"color": "red", "price": 19.95}
  },
  "expensive": 10
}"#;

/// What a path finds, as JSON text; `-` for nothing.
fn find(path: &str, document: &str) -> String {
    let document = json::parse(document).unwrap();
    match JsonPath::compile(path).and_then(|path| path.find(&document)) {
        Ok(Some(found)) => json::to_text(&found).unwrap(),
        Ok(None) => "-".to_owned(),
        Err(error) => format!("error: {error}"),
    }
}

fn check(document: &str, cases: &[(&str, &str)]) {
    for (path, expected) in cases {
        assert_eq!(find(path, document), *expected, "{path}");
    }
}

#[test]
fn definite_paths_give_the_value_or_nothing() {
    let document = r#"{"a":{"b":{"c":1}},"list":[10,20,30],"null":null,"foo-bar":2,"@type":3,"$ref":4,"it's":5,"with blank":6,"é":7,"a.b":8}"#;
    check(
        document,
        &[
            ("$.a.b.c", "1"),
            ("a.b.c", "1"),
            ("$['a']['b'].c", "1"),
            ("$.['a'].b", r#"{"c":1}"#),
            (r#"$["a"].b"#, r#"{"c":1}"#),
            ("$[ 'a' ].b.c", "1"),
            ("  $.a.b.c  ", "1"),
            ("@.a.b.c", "1"),
            ("$.list[0]", "10"),
            ("list[0]", "10"),
            ("$.list[-1]", "30"),
            ("$.list[-3]", "10"),
            ("$.list[3]", "-"),
            ("$.list[-4]", "-"),
            ("$.null", "null"),
            ("$.null.x", "-"),
            ("$.missing", "-"),
            ("$.a.missing.c", "-"),
            ("$.list.x", "-"),
            ("$.a[0]", "-"),
            ("$.a.b.c.d", "-"),
            ("$.foo-bar", "2"),
            ("foo-bar", "2"),
            ("$.@type", "3"),
            ("$.$ref", "4"),
            (r"$['it\'s']", "5"),
            (r#"$["it's"]"#, "5"),
            ("$['with blank']", "6"),
            ("$.é", "7"),
            (r"$['\u00e9']", "7"),
            ("$['a.b']", "8"),
        ],
    );
    assert_eq!(find("$", "[1, 2]"), "[1,2]");
    assert_eq!(find("$[1]", "[1, 2]"), "2");
    assert_eq!(find("$", "\"text\""), "\"text\"");
}

#[test]
fn indefinite_paths_give_lists() {
    check(
        STORE,
        &[
            ("$.store.book[*].price", "[8.95,12.99,8.99,22.99]"),
            ("$.store.bicycle.*", r#"["red",19.95]"#),
            ("$.store.bicycle[*]", r#"["red",19.95]"#),
            ("$..price", "[8.95,12.99,8.99,22.99,19.95]"),
            ("$..isbn", r#"["0-553-21311-3","0-395-19395-8"]"#),
            ("$..['isbn']", r#"["0-553-21311-3","0-395-19395-8"]"#),
            ("$..book[0].price", "[8.95]"),
            ("$..book[-1].price", "[22.99]"),
            ("$..book[*].missing", "[]"),
            ("$.missing[*]", "[]"),
            ("$..missing", "[]"),
            ("$.store.book[0,2].price", "[8.95,8.99]"),
            ("$.store.book[0,9].price", "[8.95]"),
            ("$.store.book[:2].price", "[8.95,12.99]"),
            ("$.store.book[:-3].price", "[8.95]"),
            ("$.store.book[1:3].price", "[12.99,8.99]"),
            ("$.store.book[-2:].price", "[8.99,22.99]"),
            ("$.store.book[-9:].price", "[8.95,12.99,8.99,22.99]"),
            ("$.store.book[-3:-1].price", "[12.99,8.99]"),
            ("$.store.book[2:].price", "[8.99,22.99]"),
            ("$.store.book[3:1].price", "[]"),
            ("$.store['bicycle','book'].color", r#"["red"]"#),
        ],
    );
    check(
        r#"{"a":[1,{"b":2}]}"#,
        &[
            ("$..*", r#"[[1,{"b":2}],1,{"b":2},2]"#),
            ("$..[0]", "[1]"),
            ("$..[0].b", "[2]"),
            ("$..[5:].b", "[2]"),
            ("$.a[*]", r#"[1,{"b":2}]"#),
        ],
    );
}

#[test]
fn several_names_at_the_end_give_an_object() {
    let document = r#"{"a":1,"b":2,"c":3,"list":[{"a":1,"z":9}]}"#;
    check(
        document,
        &[
            ("$['a','c']", r#"{"a":1,"c":3}"#),
            ("$[\"c\", 'missing', 'a']", r#"{"c":3,"a":1}"#),
            ("$['x','y']", "{}"),
            ("$.list[*]['a','b']", r#"[{"a":1}]"#),
            ("$.a['x','y']", "-"),
        ],
    );
}

#[test]
fn filters_compare_paths_and_literals() {
    let titles = |filter: &str| find(&format!("$.store.book[?({filter})].title"), STORE);
    let (rees, waugh, moby, rings) =
        ("Sayings of the Century", "Sword of Honour", "Moby Dick", "The Lord of the Rings");
    let check = |filter: &str, expected: &[&str]| {
        assert_eq!(
            titles(filter),
            json::to_text(&Value::json_list(expected.iter().map(|t| Value::from(*t)).collect())).unwrap(),
            "{filter}"
        );
    };
    check("@.price < 10", &[rees, moby]);
    check("@.price <= 8.95", &[rees]);
    check("@.price > 12.99", &[rings]);
    check("@.price >= 12.99", &[waugh, rings]);
    check("@.price == 8.990", &[moby]);
    check("@.price != 8.99", &[rees, waugh, rings]);
    check("@.category == 'fiction'", &[waugh, moby, rings]);
    check("@['category'] == \"reference\"", &[rees]);
    check("@.isbn", &[moby, rings]);
    check("!@.isbn", &[rees, waugh]);
    check("!(@.isbn)", &[rees, waugh]);
    check("@.category == 'fiction' && @.price < 10", &[moby]);
    check("@.price < 8.96 || @.price > 20", &[rees, rings]);
    check("@.isbn && @.price < 10 || @.category == 'reference'", &[rees, moby]);
    check("@.isbn && (@.price < 10 || @.category == 'reference')", &[moby]);
    check("@.price<10&&@.isbn", &[moby]);
    check("@.price < $.expensive", &[rees, moby]);
    check("@.author =~ /.*REES/i", &[rees]);
    check("@.author =~ /REES/i", &[]);
    check(r"@.title =~ /S\w+ of.*/", &[rees, waugh]);
    check("@.category in ['reference', 'poetry']", &[rees]);
    check("@.category nin ['reference']", &[waugh, moby, rings]);
    check("@.category IN [\"reference\"]", &[rees]);
    check("@.price in [8.95, 22.99]", &[rees, rings]);
    check("@.isbn == null", &[]);
    check("@.title contains 'the'", &[rees, rings]);
    check("@.title size 9", &[moby]);
    check("@.title.missing == 1", &[]);
    check("'fiction' == @.category", &[waugh, moby, rings]);
    check("@.price < 'text'", &[]);
}

#[test]
fn filters_compare_lists_types_and_emptiness() {
    let document = r#"[{"id":1,"t":["a","b"],"n":"1","e":[]},{"id":2,"t":["c"],"n":1,"e":[0]},{"id":3,"t":[],"n":true,"e":""},{"id":4,"n":null}]"#;
    let check =
        |filter: &str, expected: &str| assert_eq!(find(&format!("$[?({filter})].id"), document), expected, "{filter}");
    check("@.t subsetof ['a','b','x']", "[1,3]");
    check("@.t anyof ['b','c']", "[1,2]");
    check("@.t noneof ['b']", "[2,3]");
    check("@.t all ['a']", "[1]");
    check("@.t contains 'c'", "[2]");
    check("@.t size 2", "[1]");
    assert_eq!(find("$[?(@ size 2)]", r#"["ab","😀"]"#), r#"["ab","😀"]"#);
    check("@.t.length() == 1", "[2]");
    check("@.e empty true", "[1,3]");
    check("@.e empty false", "[2]");
    check("@.n == 1", "[1,2]");
    check("@.n === 1", "[2]");
    check("@.n !== 1", "[1,3,4]");
    check("@.n == '1'", "[1,2]");
    check("@.n == true", "[3]");
    check("@.n == null", "[4]");
    check("@.t == ['c']", "[2]");
    check("@.n", "[1,2,3,4]");
    check("@.id == 9007199254740993", "[]");
    assert_eq!(find("$[?(@ > 1)]", "[1,2,3]"), "[2,3]");
    assert_eq!(find("$[?(@.a == 1)]", r#"{"a":1}"#), r#"[{"a":1}]"#);
    assert_eq!(find("$..[?(@.price)].color", STORE), r#"["red"]"#);
    assert_eq!(find("$[?(@[0] == 1)]", "[[1],[2]]"), "[[1]]");
    assert_eq!(find("$[?(@ == 1)]", "1"), "[]");
}

#[test]
fn functions_aggregate() {
    let document = r#"{"n":[1,2,3,4],"mixed":[1,"x",5.5],"empty":[],"o":{"a":1,"b":2},"s":"text"}"#;
    check(
        document,
        &[
            ("$.n.length()", "4"),
            ("n.length()", "4"),
            ("$.length()", "5"),
            ("$.o.length()", "2"),
            ("$.s.length()", "-"),
            ("$.missing.length()", "-"),
            ("$.n.min()", "1.0"),
            ("$.n.max()", "4.0"),
            ("$.n.sum()", "10.0"),
            ("$.n.avg()", "2.5"),
            ("$.mixed.sum()", "6.5"),
            ("$.empty.sum()", "-"),
            ("$.o.keys()", r#"["a","b"]"#),
            ("$.n.first()", "1"),
            ("$.n.last()", "4"),
            ("$.n.index(1)", "2"),
            ("$.n.index(-2)", "3"),
            ("$.n[*].sum()", "10.0"),
            ("$..missing.length()", "0"),
        ],
    );
    assert_eq!(find("$[0,1,2,3].stddev()", "[1,2,3,4]"), "1.118033988749895");
}

#[test]
fn functions_take_paths_and_literals() {
    let document =
        r#"{"n":[1,2,3],"m":[10,"x"],"one":5,"s":"text","names":["a","b",1,null],"o":{"k":true},"empty":[]}"#;
    check(
        document,
        &[
            ("$.n.sum($.m)", "16.0"),
            ("$.sum($.n, 4)", "10.0"),
            ("$.max($.one, $.n.max(), 4)", "5.0"),
            ("$.n.min(0.5)", "0.5"),
            ("$.empty.avg(3)", "3.0"),
            ("$.avg()", "-"),
            ("$.length($.n)", "3"),
            ("$.length($.o)", "1"),
            ("$.length($.s)", "-"),
            ("$.concat($.s, '-', \"b\")", r#""text-b""#),
            ("concat($.s, 1, $.one)", r#""text15""#),
            ("$.names.concat()", r#""ab""#),
            ("$.names.concat($.names, $.missing)", r#""abab1""#),
            ("$.names[*].concat('!')", r#""ab!""#),
            ("$.n.append(4, '5')", r#"[1,2,3,4,"5"]"#),
            ("$.n.append({'a': [1, null]}, $.o)", r#"[1,2,3,{"a":[1,null]},{"k":true}]"#),
            ("$.o.append(1)", r#"{"k":true}"#),
            ("$.missing.append(1)", "-"),
            ("$[?(@ == $.n.sum())]", "[]"),
        ],
    );
    // Appending changes the answer, not the document.
    let list = json::parse("[1]").unwrap();
    let path = JsonPath::compile("$.append(2)").unwrap();
    assert_eq!(json::to_text(&path.find(&list).unwrap().unwrap()).unwrap(), "[1,2]");
    assert_eq!(json::to_text(&list).unwrap(), "[1]");
    assert_eq!(find("$[?(@.n.sum() > 3)].id", r#"[{"id":1,"n":[1,2]},{"id":2,"n":[3,4]}]"#), "[2]");
}

#[test]
fn filters_compare_maps() {
    let document =
        r#"[{"id":1,"o":{"a":1,"b":[1]}},{"id":2,"o":{"b":[1],"a":1}},{"id":3,"o":{"a":2}},{"id":4,"o":{}}]"#;
    let check =
        |filter: &str, expected: &str| assert_eq!(find(&format!("$[?({filter})].id"), document), expected, "{filter}");
    check("@.o == {'a': 1, \"b\": [1]}", "[1,2]");
    check("@.o != {\"a\":2}", "[1,2,4]");
    check("@.o == {}", "[4]");
    check("@.o in [{}, {'a': 2}]", "[3,4]");
    // Inside of lists and maps a text is no number, and an integer no double.
    check("@.o == {'a': '2'}", "[]");
    check("@.o == {'a': 2.0}", "[]");
    check("@.o.b == [1]", "[1,2]");
    check("@.o.b == ['1']", "[]");
    // A map has no size.
    check("@.o size 1", "[]");
}

#[test]
fn patterns_see_what_is_no_text_as_an_empty_one() {
    let document =
        r#"[{"id":1,"v":"abc"},{"id":2,"v":null},{"id":3},{"id":4,"v":true},{"id":5,"v":[1]},{"id":6,"v":12}]"#;
    let check =
        |filter: &str, expected: &str| assert_eq!(find(&format!("$[?({filter})].id"), document), expected, "{filter}");
    check("@.v =~ /.+/", "[1,4,6]");
    check("@.v =~ /.*/", "[1,2,3,4,5,6]");
    check("@.v =~ /tr.e/", "[4]");
    check("@.v =~ /1\\d/", "[6]");
}

#[test]
fn what_is_no_path_is_refused_with_its_place() {
    let cases: &[(&str, &str, usize)] = &[
        ("", "empty expression", 0),
        ("$.", "expected a name", 2),
        ("$..", "expected a name", 3),
        ("$...a", "too many dots", 2),
        ("..a", "expected a name", 0),
        ("$a", "expected '.', '[' or the end", 1),
        ("$.a b", "expected '.', '[' or the end", 3),
        ("$[", "expected a name in quotes, a position, '*' or '?('", 2),
        ("$[]", "expected a name in quotes, a position, '*' or '?('", 2),
        ("$['a'", "expected ']'", 5),
        ("$['a", "text without end", 4),
        ("$[a]", "expected a name in quotes, a position, '*' or '?('", 2),
        ("$[:]", "a slice needs a start or an end", 3),
        ("$[1:2:3]", "expected ']'", 5),
        ("$[1", "expected ']'", 3),
        ("$[--1]", "expected an integer", 2),
        ("$.a.nope()", "unknown function", 4),
        ("$.a.length(1)", "unknown function", 4),
        ("$.a.length", "", 0),
        ("$.a.length().b", "expected '.', '[' or the end", 12),
        ("$[?@.a]", "expected '(' after '?'", 3),
        ("$.a.concat('x'", "expected ')'", 14),
        ("$.a.concat(x)", "expected a path, a text in quotes, a number, a list, a map, true, false or null", 11),
        ("$.a.index()", "unknown function", 4),
        ("$.a.keys(1)", "unknown function", 4),
        ("$[?(@.a == {'b'})]", "expected ':'", 15),
        ("$[?(@.a type 'x')]", "expected ')'", 8),
        ("$[?()]", "expected a path, a text in quotes, a number, a list, a map, true, false or null", 4),
        ("$[?(1)]", "expected an operator", 5),
        ("$[?(@.a ==)]", "expected a path, a text in quotes, a number, a list, a map, true, false or null", 10),
        ("$[?(@.a = 1)]", "expected ')'", 8),
        ("$[?(@.a =~ 'x')]", "expected a pattern between slashes", 11),
        ("$[?(@.a =~ /x)]", "pattern without end", 15),
        ("$[(@.length-1)]", "expected a name in quotes, a position, '*' or '?('", 2),
        ("$['a']b", "expected '.', '[' or the end", 6),
        (r"$['\u12']", "expected four hexadecimal digits of a character", 5),
    ];
    for (path, reason, offset) in cases {
        let error = JsonPath::compile(path).err();
        if reason.is_empty() {
            assert_eq!(error, None, "{path}");
            continue;
        }
        assert_eq!(error, Some(JsonPathError::Syntax { reason, offset: *offset }), "{path}");
    }
    assert!(matches!(JsonPath::compile("$[?(@.a =~ /(/)]"), Err(JsonPathError::Pattern(_))));
}

#[test]
fn limits_hold() {
    assert_eq!(JsonPath::compile(&"a".repeat(PATH_BYTES_MAX + 1)).err(), Some(JsonPathError::TooLong));
    let nested = format!("$[?({}@.a{})]", "(".repeat(PATH_DEPTH_MAX + 1), ")".repeat(PATH_DEPTH_MAX + 1));
    assert_eq!(JsonPath::compile(&nested).err(), Some(JsonPathError::TooDeep));
    let operands = format!("$[?({}", "@[?(".repeat(PATH_DEPTH_MAX + 1));
    assert_eq!(JsonPath::compile(&operands).err(), Some(JsonPathError::TooDeep));
    let arguments = format!("{}1", "$.sum(".repeat(PATH_DEPTH_MAX + 1));
    assert_eq!(JsonPath::compile(&arguments).err(), Some(JsonPathError::TooDeep));
    let map = format!("$[?(@ == {})]", "{'a':".repeat(PATH_DEPTH_MAX + 1));
    assert_eq!(JsonPath::compile(&map).err(), Some(JsonPathError::TooDeep));
    let long = format!("[\"{}\"]", "x".repeat(100_000));
    let joined = format!("$.concat({})", vec!["$"; 1000].join(","));
    assert_eq!(find(&joined, &long), format!("error: {}", JsonPathError::TooManyNodes));
    let list = format!("$[?(@ in {})]", "[".repeat(PATH_DEPTH_MAX + 1));
    assert_eq!(JsonPath::compile(&list).err(), Some(JsonPathError::TooDeep));
    let deep = format!("{}1{}", "[".repeat(json::JSON_DEPTH_MAX), "]".repeat(json::JSON_DEPTH_MAX));
    assert_eq!(find("$..*..*..*", &deep), format!("error: {}", JsonPathError::TooManyNodes));
    // Each item of the one is compared with each of the other.
    let items = |value: &str| vec![value; 2000].join(",");
    let lists = format!("[{{\"a\":[{}],\"b\":[{}]}}]", items("1"), items("2"));
    for operator in ["anyof", "noneof", "subsetof", "all"] {
        let path = format!("$[?(@.a {operator} @.b)]");
        assert_eq!(find(&path, &lists), format!("error: {}", JsonPathError::TooManyNodes), "{operator}");
    }
}

#[test]
fn strings_with_json_are_entered_on_demand() {
    let document = json::parse(r#"{"errorMessage":"{\"code\":409,\"list\":[1]}","plain":"text"}"#).unwrap();
    let find = |path: &str| {
        JsonPath::compile(path).unwrap().find_through_strings(&document).unwrap().map(|v| json::to_text(&v).unwrap())
    };
    assert_eq!(find("errorMessage.code").as_deref(), Some("409"));
    assert_eq!(find("errorMessage.list[0]").as_deref(), Some("1"));
    assert_eq!(find("errorMessage").as_deref(), Some(r#""{\"code\":409,\"list\":[1]}""#));
    assert_eq!(find("plain.x"), None);
    assert!(JsonPath::compile("errorMessage.code").unwrap().find(&document).unwrap().is_none());
}

#[test]
fn paths_may_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<JsonPath>();
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(path in "\\PC{0,40}") {
        let _ = JsonPath::compile(&path);
    }

    #[test]
    fn no_path_makes_the_evaluation_panic(path in r"[$@.\[\]*?()'a-c0-3:,<>=!&|~/ -]{0,30}") {
        let document = json::parse(r#"{"a":[1,{"b":"c"},[2,[3]]],"b":{"a":null,"c":"x"},"c":"text"}"#).unwrap();
        if let Ok(path) = JsonPath::compile(&format!("${path}")) {
            let found = path.find(&document);
            if path.function.is_none() && !path.is_definite() {
                prop_assert!(matches!(found, Ok(Some(Value::List(_))) | Err(_)));
            }
        }
    }

    #[test]
    fn every_member_is_found_under_its_quoted_name(name in "\\PC{1,12}") {
        let mut map = vtl::Map::new();
        map.insert(name.as_str(), Value::from(1_i64));
        let document = Value::map(map);
        let quoted = name.replace('\\', "\\\\").replace('\'', "\\'");
        let path = JsonPath::compile(&format!("$['{quoted}']")).unwrap();
        prop_assert_eq!(path.find(&document).unwrap().and_then(|v| v.as_i64()), Some(1));
    }
}
