//! The explanations of the last requests, within a number and a size.

use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;

use crate::{request::Headers, trace::explanation::Explanation};

/// The header by which a client of this machine asks for an explanation. It goes no further than the gateway.
pub const EXPLAIN_HEADER: &str = "x-lambdagate-explain";
/// Explanations that are kept.
const KEPT_MAX: usize = 1000;
/// Bytes of all explanations that are kept.
const KEPT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Which requests are explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explained {
    /// Those of this machine that ask for it.
    OnRequest,
    /// All.
    Always,
}

/// What is done with each explanation besides keeping it.
type Listener = Box<dyn Fn(&Explanation) + Send + Sync>;

/// The explanations of the last requests of all threads. The oldest make room for new ones.
pub struct Explanations {
    explained: Explained,
    listener: Option<Listener>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    explanations: VecDeque<(String, Bytes)>,
    bytes: usize,
}

impl Explanations {
    /// Nothing kept yet.
    #[must_use]
    pub fn new(explained: Explained) -> Self {
        Self { explained, listener: None, kept: Mutex::default() }
    }

    /// The same, and a listener that is told each explanation as it comes.
    #[must_use]
    pub fn with_listener(mut self, listener: impl Fn(&Explanation) + Send + Sync + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// The explanation of a request, as JSON; of the last request, if no id is given.
    #[must_use]
    pub fn get(&self, request_id: Option<&str>) -> Option<Bytes> {
        let kept = self.kept();
        let found = match request_id {
            None => kept.explanations.back(),
            Some(wanted) => kept.explanations.iter().rev().find(|(known, _)| known == wanted),
        };
        found.map(|(_, json)| json.clone())
    }

    /// Forgets all that is kept.
    pub fn clear(&self) {
        *self.kept() = Kept::default();
    }

    /// Whether a request is to be explained. Strangers may not ask: what is kept for one request is lost for another.
    pub(crate) fn wants(&self, headers: &Headers, source_ip: IpAddr) -> bool {
        match self.explained {
            Explained::Always => true,
            Explained::OnRequest => {
                source_ip.to_canonical().is_loopback() && headers.get(EXPLAIN_HEADER).is_some_and(|value| value == "1")
            }
        }
    }

    /// Keeps an explanation.
    pub(crate) fn keep(&self, explanation: &Explanation) {
        if let Some(listener) = &self.listener {
            listener(explanation);
        }
        match serde_json::to_vec(explanation) {
            Ok(json) => self.kept().push(explanation.request_id.clone(), json.into()),
            Err(error) => tracing::error!(%error, "an explanation cannot be written"),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Explanations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Explanations").field("explained", &self.explained).finish_non_exhaustive()
    }
}

impl Kept {
    fn push(&mut self, request_id: String, json: Bytes) {
        self.bytes += json.len();
        self.explanations.push_back((request_id, json));
        while self.bytes > KEPT_BYTES_MAX || self.explanations.len() > KEPT_MAX {
            let Some((_, oldest)) = self.explanations.pop_front() else { return };
            self.bytes -= oldest.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room_by_number_and_by_size() {
        let mut kept = Kept::default();
        for number in 0..KEPT_MAX + 2 {
            kept.push(number.to_string(), Bytes::from_static(b"{}"));
        }
        assert_eq!((kept.explanations.len(), kept.bytes), (KEPT_MAX, 2 * KEPT_MAX));
        assert_eq!(kept.explanations[0].0, "2");
        kept.push("large".to_owned(), vec![b' '; KEPT_BYTES_MAX - 3].into());
        assert_eq!((kept.explanations.len(), kept.bytes), (2, KEPT_BYTES_MAX - 1));
        kept.push("too large".to_owned(), vec![b' '; KEPT_BYTES_MAX + 1].into());
        assert_eq!((kept.explanations.len(), kept.bytes), (0, 0));
    }

    #[test]
    fn only_this_machine_may_ask() {
        let mut headers = Headers::default();
        headers.append("X-LambdaGate-Explain", "1");
        let none = Headers::default();
        let wants =
            |explained, headers: &Headers, ip: &str| Explanations::new(explained).wants(headers, ip.parse().unwrap());
        for (ip, expected) in [("127.0.0.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("203.0.113.9", false)] {
            assert_eq!(wants(Explained::OnRequest, &headers, ip), expected, "{ip}");
            assert!(!wants(Explained::OnRequest, &none, ip));
            assert!(wants(Explained::Always, &none, ip));
        }
    }
}
