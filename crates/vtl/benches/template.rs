//! How long templates take to parse and to render: those of `bench/vtl`, which the peers render too.

#![expect(clippy::unwrap_used, reason = "a bench that cannot run should say so")]

use std::fmt;

use vtl::{Context, Limits, Template, Value, json};

fn main() {
    divan::main();
}

/// A template and its variables.
struct Case {
    name: &'static str,
    source: &'static str,
    variables: &'static str,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

const CASES: [Case; 3] = [
    Case {
        name: "static",
        source: include_str!("../../../bench/vtl/static.vm"),
        variables: include_str!("../../../bench/vtl/static.json"),
    },
    Case {
        name: "passthrough",
        source: include_str!("../../../bench/vtl/passthrough.vm"),
        variables: include_str!("../../../bench/vtl/passthrough.json"),
    },
    Case {
        name: "loop",
        source: include_str!("../../../bench/vtl/loop.vm"),
        variables: include_str!("../../../bench/vtl/loop.json"),
    },
];

const DOCUMENT: &str =
    r#"{"id":12345,"name":"calculator","tags":["a","b","c"],"nested":{"price":1.50,"ok":true,"none":null}}"#;

fn context(variables: &str) -> Context {
    let mut context = Context::new();
    if let Value::Map(variables) = json::parse(variables).unwrap() {
        for (name, value) in variables.borrow().iter() {
            context.insert(String::from(&**name), value.clone());
        }
    }
    context
}

#[divan::bench(args = CASES)]
fn parse(case: &Case) -> Template {
    Template::parse(case.source).unwrap()
}

#[divan::bench(args = CASES)]
fn render(bencher: divan::Bencher<'_, '_>, case: &Case) {
    let template = Template::parse(case.source).unwrap();
    let context = context(case.variables);
    let limits = Limits::default();
    bencher.bench_local(|| template.render(&context, &limits).unwrap());
}

#[divan::bench]
fn parse_json() -> Value {
    json::parse(DOCUMENT).unwrap()
}
