//! What no reader of a trace may see: credentials in headers, queries and URLs, and wherever a text repeats them.

use crate::{
    template::{escape_java_script, url_encode},
    trace::fact::Pairs,
};

/// Headers whose values are masked.
const SECRET_HEADERS: [&str; 6] =
    ["authorization", "x-api-key", "cookie", "set-cookie", "proxy-authorization", "x-amz-security-token"];
/// Query parameters whose values are masked: a credential in the query is as good as one in a header.
const SECRET_PARAMETERS: [&str; 10] = [
    "x-amz-signature",
    "x-amz-security-token",
    "access_token",
    "refresh_token",
    "id_token",
    "token",
    "api_key",
    "x-api-key",
    "client_secret",
    "password",
];
/// Characters at a secret's end that are shown, if it has more than twice as many.
const SHOWN_CHARS: usize = 6;
/// A value of fewer bytes is masked where it stands, but not looked for in texts: it would be found everywhere.
const SEARCHED_BYTES_MIN: usize = 8;

/// The secrets of one request.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// A secret as texts hold it, and what stands for it, which has as many bytes. The longest come first: one may be part of
    /// another.
    known: Vec<(String, String)>,
}

impl Secrets {
    /// Masks the values of secret headers, and remembers them.
    pub(crate) fn take_headers(&mut self, headers: &mut Pairs) {
        for (name, value) in headers.iter_mut().filter(|(name, _)| is_one_of(&SECRET_HEADERS, name)) {
            let secret = self.take(value);
            for part in parts(name, &secret) {
                self.remember(part);
            }
        }
    }

    /// Masks the values of secret query parameters, and remembers them.
    pub(crate) fn take_query(&mut self, query: &mut Pairs) {
        for (_, value) in query.iter_mut().filter(|(name, _)| is_one_of(&SECRET_PARAMETERS, name)) {
            self.take(value);
        }
    }

    /// Masks the values of secret parameters in a URL's query, and remembers them.
    pub(crate) fn take_url(&mut self, url: &mut String) {
        let Some((address, query)) = url.split_once('?') else { return };
        let mut shown = address.to_owned();
        for (position, parameter) in query.split('&').enumerate() {
            shown.push(if position == 0 { '?' } else { '&' });
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let decoded = form_urlencoded::parse(name.as_bytes()).next();
            if decoded.is_some_and(|(name, _)| is_one_of(&SECRET_PARAMETERS, &name)) && !value.is_empty() {
                let mut value = value.to_owned();
                self.take(&mut value);
                shown.extend([name, "=", &value]);
            } else {
                shown.push_str(parameter);
            }
        }
        *url = shown;
    }

    /// Remembers a value that is secret wherever it stands; how it is shown.
    pub(crate) fn take_value(&mut self, value: &str) -> String {
        self.remember(value);
        masked(value)
    }

    /// Masks a value and remembers it; gives it back as it was.
    fn take(&mut self, value: &mut String) -> String {
        self.remember(value);
        let shown = masked(value);
        std::mem::replace(value, shown)
    }

    fn remember(&mut self, secret: &str) {
        if secret.len() < SEARCHED_BYTES_MIN {
            return;
        }
        for spelling in spellings(secret) {
            if !self.known.iter().any(|(known, _)| *known == spelling) {
                let place = self.known.partition_point(|(known, _)| known.len() >= spelling.len());
                let shown = masked(&spelling);
                self.known.insert(place, (spelling, shown));
            }
        }
    }

    /// The beginning of a text with every secret in it masked: at least `bytes_max` bytes, if there are so many. What lies behind it
    /// is not looked at, however long the text is.
    pub(crate) fn masked_beginning(&self, text: &[u8], bytes_max: usize) -> String {
        // A secret that begins within the bytes asked for is there as a whole.
        let longest = self.known.first().map_or(0, |(secret, _)| secret.len());
        let looked_at = text.get(..bytes_max.saturating_add(longest)).unwrap_or(text);
        let mut masked =
            self.known.iter().fold(String::from_utf8_lossy(looked_at).into_owned(), |text, (secret, shown)| {
                if text.contains(secret.as_str()) { text.replace(secret.as_str(), shown) } else { text }
            });
        if looked_at.len() < text.len() {
            // The rest may hold the beginning of a secret.
            masked.truncate(masked.ceil_char_boundary(bytes_max));
        }
        masked
    }
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Parts of a header's value that others repeat without the rest: what follows the scheme, the values of cookies.
fn parts<'v>(name: &str, value: &'v str) -> Vec<&'v str> {
    let cookies = || value.split(';').filter_map(|cookie| Some(cookie.split_once('=')?.1.trim()));
    match name.to_ascii_lowercase().as_str() {
        "authorization" | "proxy-authorization" => {
            value.split_once(' ').map(|(_, rest)| rest.trim()).into_iter().collect()
        }
        "cookie" => cookies().collect(),
        // What follows the cookie says how long it is kept, and for whom.
        "set-cookie" => cookies().take(1).collect(),
        _ => Vec::new(),
    }
}

/// A secret as texts may hold it: as it is, and within JSON, JavaScript or a form.
fn spellings(secret: &str) -> [String; 4] {
    let quoted = serde_json::Value::String(secret.to_owned()).to_string();
    let in_json = quoted[1..quoted.len() - 1].to_owned();
    [secret.to_owned(), in_json, escape_java_script(secret), url_encode(secret)]
}

/// A secret as readers see it: an asterisk for each byte, and its last characters if they do not give it away.
fn masked(secret: &str) -> String {
    let characters = secret.chars().count();
    let hidden = if characters > 2 * SHOWN_CHARS { characters - SHOWN_CHARS } else { characters };
    let shown_at = secret.char_indices().nth(hidden).map_or(secret.len(), |(at, _)| at);
    format!("{}{}", "*".repeat(shown_at), &secret[shown_at..])
}
