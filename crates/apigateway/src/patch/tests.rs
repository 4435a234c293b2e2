//! The mechanism, on a resource made up for the purpose.

use super::{Dialect, Op, Patch, Rule, Table, edit_entry, parse, wire::PatchOperation};
use crate::failure::Failure;

static LISTED: Table<Vec<String>> = Table {
    dialect: Dialect::Listed,
    rules: &[
        Rule::set("/a", &[Op::Replace], |seen, patch| seen.push(patch.text().to_owned())),
        Rule::set("/map/*", &[Op::Add, Op::Replace], |seen, patch| seen.push(patch.segment(1).to_owned())),
        Rule::new("/never", &[Op::Replace], |_, _| Err(Failure::bad_request("never"))).otherwise("only replace"),
    ],
};

fn patch(op: &str, path: &str) -> Result<Patch, Failure> {
    let text = |text: &str| Some(text.to_owned());
    parse(PatchOperation { op: text(op), path: text(path), value: text("v"), from: None })
}

fn check(op: &str, path: &str, expected: Result<&str, &str>) {
    let mut seen = Vec::new();
    let outcome = patch(op, path).and_then(|patch| LISTED.apply(&mut seen, &[patch]));
    let outcome = outcome.map(|()| seen.join(",")).map_err(|failure| failure.message());
    assert_eq!(outcome, expected.map(str::to_owned).map_err(str::to_owned), "{op} {path}");
}

#[test]
fn a_rule_is_found_by_path_and_operation() {
    check("replace", "/a", Ok("v"));
    check("add", "/map/x~1y~0z~01", Ok("x/y~z~1"));
    check("replace", "/never", Err("never"));
    check("add", "/never", Err("only replace"));
    check("add", "/a", Err("Invalid patch path  '/a' specified for op 'add'. Please choose supported operations"));
    let listed = "specified for op 'replace'. Must be one of: [/a, /map/*, /never]";
    for path in ["/", "/b", "/a/b", "/map", "/map/x/y"] {
        check("replace", path, Err(&format!("Invalid patch path  '{path}' {listed}")));
    }
    check("replace", "a", Err("Invalid patch path a"));
}

#[test]
fn an_emptied_map_is_absent() {
    let mut map = None;
    assert!(edit_entry(&mut map, "a", Op::Remove, 1, "missing").is_err());
    assert_eq!(map, None);
    edit_entry(&mut map, "a", Op::Add, 1, "missing").unwrap();
    edit_entry(&mut map, "a", Op::Replace, 2, "missing").unwrap();
    assert_eq!(map.as_ref().map(|map| map["a"]), Some(2));
    edit_entry(&mut map, "a", Op::Remove, 0, "missing").unwrap();
    assert_eq!(map, None);
}
