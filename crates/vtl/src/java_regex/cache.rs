//! Patterns that templates compile at run time, kept per thread: the same few come back with every request.

use std::cell::RefCell;
use std::rc::Rc;

use super::{Pattern, PatternError};

/// Patterns that a thread keeps.
const CACHED_PATTERNS_MAX: usize = 64;

thread_local! {
    /// The most recently used pattern last.
    static CACHE: RefCell<Vec<Rc<Pattern>>> = const { RefCell::new(Vec::new()) };
}

/// The compiled pattern, from the cache when it was used lately; else `pay` is asked before it is compiled.
pub(crate) fn cached<E: From<PatternError>>(java: &str, pay: impl FnOnce() -> Result<(), E>) -> Result<Rc<Pattern>, E> {
    CACHE.with_borrow_mut(|patterns| {
        if let Some(index) = patterns.iter().rposition(|pattern| pattern.as_str() == java) {
            let last = patterns.len() - 1;
            patterns[index..=last].rotate_left(1);
            return Ok(Rc::clone(&patterns[last]));
        }
        pay()?;
        let pattern = Rc::new(Pattern::new(java)?);
        if patterns.len() >= CACHED_PATTERNS_MAX {
            patterns.remove(0);
        }
        patterns.push(Rc::clone(&pattern));
        Ok(pattern)
    })
}
