//! The XML of answers, written from the top down.

use std::fmt::Write as _;

use crate::account::Answer;

/// Elements that are being written.
#[derive(Debug, Default)]
pub(crate) struct Xml {
    text: String,
}

impl Xml {
    /// An element around what `content` writes.
    pub(crate) fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.open(name, None);
        content(self);
        self.close(name);
    }

    /// An element that holds a text.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.element(name, |xml| xml.escape(text));
    }

    /// An element that holds a number.
    pub(crate) fn number(&mut self, name: &str, number: u32) {
        self.text(name, &number.to_string());
    }

    /// A list in AWS's spelling: each item in an element `member`.
    pub(crate) fn list<T>(&mut self, name: &str, items: &[T], item: impl Fn(&mut Self, &T)) {
        self.element(name, |xml| {
            for entry in items {
                xml.element("member", |xml| item(xml, entry));
            }
        });
    }

    /// Text content.
    pub(crate) fn escape(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                // A reader would turn a bare carriage return into a line feed.
                '\r' => self.text.push_str("&#xD;"),
                '\t' | '\n' => self.text.push(character),
                // XML 1.0 cannot hold these in any spelling.
                '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => self.text.push(char::REPLACEMENT_CHARACTER),
                _ => self.text.push(character),
            }
        }
    }

    fn open(&mut self, name: &str, namespace: Option<&str>) {
        // Writing to a string cannot fail.
        let _ = match namespace {
            Some(namespace) => write!(self.text, r#"<{name} xmlns="{namespace}">"#),
            None => write!(self.text, "<{name}>"),
        };
    }

    fn close(&mut self, name: &str) {
        let _ = write!(self.text, "</{name}>");
    }
}

/// The answer of the operation `action`.
pub(crate) fn response(action: &str, namespace: &str, answer: Answer, request_id: &str) -> String {
    let mut xml = Xml::default();
    let root = format!("{action}Response");
    xml.open(&root, Some(namespace));
    if let Answer::Result(result) = answer {
        xml.element(&format!("{action}Result"), |xml| xml.text.push_str(&result.text));
    }
    xml.element("ResponseMetadata", |xml| xml.text("RequestId", request_id));
    xml.close(&root);
    xml.text
}

/// Why an operation failed, as the client reads it.
pub(crate) struct Fault {
    /// Whose fault it is: `Sender` or `Receiver`.
    pub(crate) party: &'static str,
    /// The code of the error.
    pub(crate) code: &'static str,
    /// What it says.
    pub(crate) message: String,
}

/// The answer of an operation that failed.
pub(crate) fn error(namespace: &str, fault: &Fault, request_id: &str) -> String {
    let mut xml = Xml::default();
    xml.open("ErrorResponse", Some(namespace));
    xml.element("Error", |xml| {
        xml.text("Type", fault.party);
        xml.text("Code", fault.code);
        xml.text("Message", &fault.message);
    });
    xml.text("RequestId", request_id);
    xml.close("ErrorResponse");
    xml.text
}

#[cfg(test)]
mod tests {
    use super::Xml;

    fn check(text: &str, expected: &str) {
        let mut xml = Xml::default();
        xml.text("T", text);
        assert_eq!(xml.text, format!("<T>{expected}</T>"));
    }

    #[test]
    fn text_is_escaped() {
        check("plain – é", "plain – é");
        check("<a b=\"c\">&amp;</a>", "&lt;a b=&quot;c&quot;&gt;&amp;amp;&lt;/a&gt;");
        check("a\r\n\tb", "a&#xD;\n\tb");
        check("\0\u{1B}\u{FFFF}", "\u{FFFD}\u{FFFD}\u{FFFD}");
    }
}
