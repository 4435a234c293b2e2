use super::*;
use crate::ast::{Accessor, Expression, Node};

fn nodes(source: &str) -> Block {
    parse(source).unwrap().body
}

#[test]
fn spans_point_into_the_source_also_from_quoted_strings() {
    let source = r#"x#set($s = "a $b.c")"#;
    let nodes = nodes(source);
    let [Node::Text(_), Node::Set { target, value: Expression::Interpolation(inner, _) }] = &nodes[..] else {
        panic!("unexpected {nodes:?}");
    };
    assert_eq!(&source[target.span.start as usize..target.span.end as usize], "$s");
    let [Node::Text(_), Node::Reference(reference)] = &inner[..] else { panic!("unexpected {inner:?}") };
    assert_eq!(&source[reference.span.start as usize..reference.span.end as usize], "$b.c");
}

#[test]
fn a_full_stop_behind_a_reference_is_text() {
    let nodes = nodes("$a.b.");
    let [Node::Reference(reference), Node::Text(text)] = &nodes[..] else { panic!("unexpected {nodes:?}") };
    assert!(matches!(&reference.accessors[..], [Accessor::Property { name, .. }] if &**name == "b"));
    assert_eq!(&**text, ".");
}

#[test]
fn a_string_without_marks_is_no_template() {
    let nodes = nodes(r#"#set($s = "plain")#set($t = "\$a")"#);
    assert!(nodes.iter().all(|node| matches!(node, Node::Set { value: Expression::String(..), .. })), "{nodes:?}");
}
