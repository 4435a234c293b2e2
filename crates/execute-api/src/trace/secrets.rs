//! What no reader of a trace may see: credentials in headers and queries, and wherever a body repeats them.

use crate::trace::fact::Pairs;

/// Headers whose values are masked.
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "x-api-key", "cookie", "proxy-authorization", "x-amz-security-token"];
/// Query parameters whose values are masked: a signature in the query is as good as one in a header.
const SECRET_PARAMETERS: [&str; 2] = ["x-amz-signature", "x-amz-security-token"];
/// Characters at a secret's end that are shown, if there are more.
const SHOWN_CHARS: usize = 6;
/// A value of fewer bytes is masked where it stands, but not looked for in bodies: it would be found everywhere.
const SEARCHED_BYTES_MIN: usize = 8;

/// The secrets of one request.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// A secret as bodies hold it, and what stands for it.
    known: Vec<(String, String)>,
}

impl Secrets {
    /// Masks the values of secret headers, and remembers them.
    pub(crate) fn take_headers(&mut self, headers: &mut Pairs) {
        self.take(headers, &SECRET_HEADERS);
    }

    /// Masks the values of secret query parameters, and remembers them.
    pub(crate) fn take_query(&mut self, query: &mut Pairs) {
        self.take(query, &SECRET_PARAMETERS);
    }

    fn take(&mut self, pairs: &mut Pairs, names: &[&str]) {
        for (name, value) in pairs {
            if names.iter().any(|secret| secret.eq_ignore_ascii_case(name)) {
                let shown = masked(value);
                self.remember(std::mem::replace(value, shown.clone()), shown);
            }
        }
    }

    fn remember(&mut self, secret: String, shown: String) {
        if secret.len() < SEARCHED_BYTES_MIN || self.known.iter().any(|(known, _)| *known == secret) {
            return;
        }
        let quoted = serde_json::Value::String(secret.clone()).to_string();
        let escaped = &quoted[1..quoted.len() - 1];
        if escaped != secret {
            self.known.push((escaped.to_owned(), shown.clone()));
        }
        self.known.push((secret, shown));
    }

    /// A text with every secret in it masked.
    pub(crate) fn mask(&self, text: String) -> String {
        self.known.iter().fold(text, |text, (secret, shown)| {
            if text.contains(secret.as_str()) { text.replace(secret.as_str(), shown) } else { text }
        })
    }
}

/// A secret as readers see it: asterisks and its last characters.
fn masked(secret: &str) -> String {
    let characters = secret.chars().count();
    let hidden = if characters > SHOWN_CHARS { characters - SHOWN_CHARS } else { characters };
    secret.chars().enumerate().map(|(position, c)| if position < hidden { '*' } else { c }).collect()
}
