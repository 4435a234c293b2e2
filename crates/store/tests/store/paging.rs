use std::collections::BTreeSet;

use proptest::prelude::*;
use store::{PAGE_MAX, Position, Store, Transaction};

use crate::{Note, in_memory, note, scope};

/// What happens to a list between two of its pages.
#[derive(Debug, Clone)]
enum Step {
    Insert,
    Replace(usize),
    Delete(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => Just(Step::Insert),
        1 => (0..40_usize).prop_map(Step::Replace),
        1 => (0..40_usize).prop_map(Step::Delete),
    ];
    prop::collection::vec(step, 0..12)
}

/// The notes of the list by number, and what becomes of them.
#[derive(Default)]
struct Notes {
    inserted: usize,
    deleted: BTreeSet<usize>,
}

impl Notes {
    fn take(&mut self, step: &Step, transaction: &mut Transaction<'_>) -> store::Result<()> {
        match *step {
            Step::Insert => {
                let text = self.inserted.to_string();
                transaction.insert(&scope(), "b", &text, &note(&text))?;
                self.inserted += 1;
            }
            Step::Replace(number) if number < self.inserted && !self.deleted.contains(&number) => {
                let text = number.to_string();
                transaction.put(&scope(), "b", &text, &note(&text))?;
            }
            Step::Delete(number) if number < self.inserted && self.deleted.insert(number) => {
                assert!(transaction.delete::<Note>(&scope(), "b", &number.to_string())?);
            }
            Step::Replace(_) | Step::Delete(_) => {}
        }
        Ok(())
    }
}

fn block_on<T>(store: &Store, job: impl FnOnce(&mut Transaction<'_>) -> store::Result<T> + Send + 'static) -> T
where
    T: Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(store.write(job)).unwrap()
}

proptest! {
    #[test]
    fn pages_visit_what_stays_once_and_in_creation_order(
        before in 0..20_usize,
        limit in 1..7_usize,
        between in prop::collection::vec(steps(), 0..8),
    ) {
        let seen_and_kept = block_on(&in_memory(), move |transaction| {
            let mut notes = Notes::default();
            for _ in 0..before {
                notes.take(&Step::Insert, transaction)?;
            }
            let mut seen: Vec<usize> = Vec::new();
            let mut after = None;
            let mut between = between.into_iter();
            loop {
                let page = transaction.list::<Note>(&scope(), "b", after, limit)?;
                assert!(page.items.len() <= limit);
                seen.extend(page.items.iter().map(|note| note.text.parse::<usize>().unwrap()));
                let Some(next) = page.next else { break };
                after = Some(next.to_string().parse().unwrap());
                for step in between.next().unwrap_or_default() {
                    notes.take(&step, transaction)?;
                }
            }
            let stayed: Vec<usize> = (0..before).filter(|number| !notes.deleted.contains(number)).collect();
            Ok((seen, stayed))
        });
        let (seen, stayed) = seen_and_kept;
        prop_assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
        prop_assert!(stayed.iter().all(|number| seen.contains(number)), "{stayed:?} are not all in {seen:?}");
    }
}

#[tokio::test]
async fn a_full_last_page_has_no_next() {
    let store = in_memory();
    store
        .write(|transaction| {
            for id in ["1", "2", "3", "4"] {
                transaction.insert(&scope(), "b", id, &note(id))?;
            }
            let first = transaction.list::<Note>(&scope(), "b", None, 2)?;
            let second = transaction.list::<Note>(&scope(), "b", first.next, 2)?;
            assert_eq!(second.items, [note("3"), note("4")]);
            assert_eq!(second.next, None);
            Ok::<_, store::Error>(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_limit_beyond_the_largest_page_is_the_largest_page() {
    let store = in_memory();
    let page = store.write(|transaction| {
        for number in 0..=PAGE_MAX {
            transaction.insert(&scope(), "b", &number.to_string(), &note("x"))?;
        }
        transaction.list::<Note>(&scope(), "b", None, usize::MAX)
    });
    let page = page.await.unwrap();
    assert_eq!(page.items.len(), PAGE_MAX);
    assert!(page.next.is_some());
}

#[test]
fn only_digits_are_a_position() {
    for text in ["", "-1", "+1", "1a", " 1", "99999999999999999999"] {
        assert!(text.parse::<Position>().is_err(), "{text}");
    }
}
