use proptest::prelude::*;
use store::{Error, Order, PICK_SCAN_MAX, Page, PageRange, Position, Reader, Transaction};

use crate::{Note, in_memory, note, scope};

/// A page of the texts of the notes whose texts `wanted` likes.
fn texts(
    reader: &Reader<'_>,
    order: Order,
    after: Option<Position>,
    limit: usize,
    wanted: impl Fn(&str) -> bool,
) -> store::Result<Page<String>> {
    let range = PageRange { order, after, limit };
    reader.pick(&scope(), "b", range, |note: Note| Ok(Some(note.text).filter(|text| wanted(text))))
}

async fn check(
    notes: usize,
    job: impl FnOnce(&mut Transaction<'_>) -> store::Result<()> + Send + 'static,
) -> store::Result<()> {
    in_memory()
        .write(move |transaction| {
            for number in 0..notes {
                transaction.insert(&scope(), "b", &number.to_string(), &note(&number.to_string()))?;
            }
            job(transaction)
        })
        .await
}

#[tokio::test]
async fn a_list_runs_from_either_end() {
    let outcome = check(5, |transaction| {
        let newest = texts(transaction, Order::NewestFirst, None, 2, |_| true)?;
        assert_eq!(newest.items, ["4", "3"]);
        transaction.insert(&scope(), "b", "later", &note("later"))?;
        let rest = texts(transaction, Order::NewestFirst, newest.next, 9, |_| true)?;
        assert_eq!((rest.items.join(""), rest.next), ("210".to_owned(), None));
        let oldest = texts(transaction, Order::OldestFirst, None, 3, |_| true)?;
        assert_eq!(oldest.items, ["0", "1", "2"]);
        Ok(())
    });
    outcome.await.unwrap();
}

#[tokio::test]
async fn a_page_has_a_next_one_only_if_something_is_on_it() {
    let outcome = check(10, |transaction| {
        let even = |text: &str| text.parse::<usize>().is_ok_and(|number| number % 2 == 0);
        let page = texts(transaction, Order::NewestFirst, None, 4, even)?;
        assert_eq!(page.items, ["8", "6", "4", "2"]);
        let last = texts(transaction, Order::NewestFirst, page.next, 1, even)?;
        assert_eq!((last.items, last.next), (vec!["0".to_owned()], None));
        let none = texts(transaction, Order::NewestFirst, None, 4, |_| false)?;
        assert_eq!((none.items.len(), none.next), (0, None));
        Ok(())
    });
    outcome.await.unwrap();
}

#[tokio::test]
async fn a_search_ends_at_its_limit_and_goes_on_there() {
    let outcome = check(PICK_SCAN_MAX + 2, |transaction| {
        let wanted = |text: &str| text == "0" || text == "5";
        let first = texts(transaction, Order::NewestFirst, None, 9, wanted)?;
        assert_eq!(first.items, ["5"]);
        let second = texts(transaction, Order::NewestFirst, first.next, 9, wanted)?;
        assert_eq!((second.items, second.next), (vec!["0".to_owned()], None));
        Ok(())
    });
    outcome.await.unwrap();
}

#[tokio::test]
async fn the_refusal_of_a_record_ends_the_search() {
    let outcome = check(3, |transaction| {
        let range = PageRange { order: Order::OldestFirst, after: None, limit: 9 };
        transaction.pick(&scope(), "b", range, |note: Note| match note.text.as_str() {
            "1" => Err(Error::Closed),
            _ => Ok(Some(())),
        })?;
        Ok(())
    });
    assert!(matches!(outcome.await, Err(Error::Closed)));
}

proptest! {
    #[test]
    fn pages_together_are_the_list(wanted in prop::collection::vec(any::<bool>(), 0..30), limit in 1..6_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let outcome = check(wanted.len(), move |transaction| {
            for order in [Order::OldestFirst, Order::NewestFirst] {
                let is_wanted = |text: &str| text.parse::<usize>().is_ok_and(|number| wanted[number]);
                let (mut seen, mut after) = (Vec::new(), None);
                loop {
                    let page = texts(transaction, order, after, limit, is_wanted)?;
                    assert!(page.items.len() <= limit);
                    assert!(page.next.is_none() || page.items.len() == limit);
                    seen.extend(page.items);
                    let Some(next) = page.next else { break };
                    after = Some(next);
                }
                if order == Order::NewestFirst {
                    seen.reverse();
                }
                let all = (0..wanted.len()).map(|number| number.to_string()).filter(|text| is_wanted(text));
                assert_eq!(seen, all.collect::<Vec<_>>());
            }
            Ok(())
        });
        runtime.block_on(outcome).unwrap();
    }
}
