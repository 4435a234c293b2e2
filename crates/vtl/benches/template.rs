//! How long templates take to parse and to render.

#![expect(clippy::unwrap_used, reason = "a bench that cannot run should say so")]

use vtl::{Context, Limits, Map, Template, Value, json};

fn main() {
    divan::main();
}

/// The parameters part of the usual "method request passthrough" template.
const PASSTHROUGH: &str = r#"{ "params" : {
#foreach($type in $params.keySet())
    #set($group = $params.get($type))
"$type" : {
    #foreach($name in $group.keySet())
    "$name" : "$group.get($name)"
        #if($foreach.hasNext),#end
    #end
}
    #if($foreach.hasNext),#end
#end
} }"#;

const REFERENCES: &str = r#"{"a":"$a","op":"$op","b":"$b"}"#;

const DOCUMENT: &str =
    r#"{"id":12345,"name":"calculator","tags":["a","b","c"],"nested":{"price":1.50,"ok":true,"none":null}}"#;

fn context() -> Context {
    let group = |count: usize| {
        Value::from((0..count).map(|index| (format!("name-{index}"), Value::from("value"))).collect::<Map>())
    };
    let params: Map = [("path", group(2)), ("querystring", group(3)), ("header", group(10))].into_iter().collect();
    let mut context = Context::new();
    context.insert("params", Value::from(params));
    context.insert("a", Value::from("8"));
    context.insert("b", Value::from("2"));
    context.insert("op", Value::from("div"));
    context
}

#[divan::bench(args = [REFERENCES, PASSTHROUGH])]
fn parse(source: &str) -> Template {
    Template::parse(source).unwrap()
}

#[divan::bench(args = [REFERENCES, PASSTHROUGH])]
fn render(bencher: divan::Bencher<'_, '_>, source: &str) {
    let template = Template::parse(source).unwrap();
    let context = context();
    let limits = Limits::default();
    bencher.bench_local(|| template.render(&context, &limits).unwrap());
}

#[divan::bench]
fn parse_json() -> Value {
    json::parse(DOCUMENT).unwrap()
}
