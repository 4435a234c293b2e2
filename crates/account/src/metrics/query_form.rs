//! Documents in the flat parameters of a form: `MetricData.member.1.Dimensions.member.2.Name=…`.

use std::collections::BTreeMap;

use super::{document::Document, failure::Failure};

/// The most steps in a parameter's name.
const STEPS_MAX: usize = 16;

/// What stands at a place: a text, what is below it, or both.
#[derive(Default)]
struct Node {
    text: Option<String>,
    below: BTreeMap<String, Node>,
}

/// The operation and the input of a form.
pub(super) fn decode(form: &[u8]) -> Result<(String, Document), Failure> {
    let mut root = Node::default();
    let mut operation = None;
    for (name, value) in form_urlencoded::parse(form) {
        if name == "Action" {
            operation = Some(value.into_owned());
            continue;
        }
        if name.split('.').count() > STEPS_MAX {
            return Err(Failure::Malformed("a parameter's name has too many parts"));
        }
        let mut node = &mut root;
        for step in name.split('.') {
            node = node.below.entry(step.to_owned()).or_default();
        }
        node.text = Some(value.into_owned());
    }
    let operation = operation.ok_or(Failure::Missing { parameter: "Action".to_owned() })?;
    Ok((operation, root.into_document()))
}

impl Node {
    fn into_document(mut self) -> Document {
        if let (1, Some(list)) = (self.below.len(), self.below.remove("member")) {
            let mut items: Vec<(u32, Document)> = list
                .below
                .into_iter()
                .filter_map(|(number, item)| Some((number.parse().ok()?, item.into_document())))
                .collect();
            items.sort_by_key(|(number, _)| *number);
            return Document::List(items.into_iter().map(|(_, item)| item).collect());
        }
        if self.below.is_empty() {
            return self.text.map_or(Document::Structure(Vec::new()), Document::Text);
        }
        Document::Structure(self.below.into_iter().map(|(name, node)| (name, node.into_document())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: &str, expected: Document) {
        assert_eq!(decode(format!("Action=A&{form}").as_bytes()).unwrap(), ("A".to_owned(), expected), "{form}");
    }

    fn one(name: &str, value: Document) -> Document {
        Document::Structure(vec![(name.to_owned(), value)])
    }

    #[test]
    fn dots_make_structures_and_member_makes_lists() {
        check("", Document::Structure(Vec::new()));
        check("A=1%202", one("A", Document::text("1 2")));
        check("A.B=x", one("A", one("B", Document::text("x"))));
        let list = Document::List(vec![Document::text("first"), Document::text("second"), Document::text("tenth")]);
        check("A.member.10=tenth&A.member.2=second&A.member.1=first", one("A", list));
        check("A.member.1.B=x", one("A", Document::List(vec![one("B", Document::text("x"))])));
        check("A=", one("A", Document::text("")));
    }

    #[test]
    fn a_form_without_an_action_or_of_endless_depth_is_refused() {
        assert!(decode(b"A=1").is_err());
        assert!(decode(format!("Action=A&{}=1", "a.".repeat(STEPS_MAX)).as_bytes()).is_err());
    }
}
