use std::time::Duration;

use definition::time::EpochMillis;
use store::{ClaimedEvent, EVENT_CONTEXT_BYTES_MAX, EVENT_PAYLOAD_BYTES_MAX, Error, NewEvent, Store, Transaction};

use crate::{in_memory, scope};

const LEASE: Duration = Duration::from_mins(1);

fn event(id: &str, accepted_at: i64) -> NewEvent {
    NewEvent {
        id: id.to_owned(),
        scope: scope(),
        function_arn: "arn:aws:lambda:us-east-1:000000000000:function:f:live".to_owned(),
        payload: b"{\"n\":1}".to_vec(),
        context: "{}".to_owned(),
        accepted_at: EpochMillis(accepted_at),
    }
}

fn claim(transaction: &mut Transaction<'_>, now: i64, limit: usize) -> String {
    ids(&transaction.claim_events(EpochMillis(now), limit, LEASE).unwrap())
}

fn ids(claimed: &[ClaimedEvent]) -> String {
    claimed.iter().map(|claim| claim.event.id.as_str()).collect()
}

/// Runs `job` in a store of its own.
async fn check(job: impl FnOnce(&mut Transaction<'_>) -> store::Result<()> + Send + 'static) {
    in_memory().write(job).await.unwrap();
}

#[tokio::test]
async fn an_event_is_claimed_as_it_was_queued() {
    check(|transaction| {
        transaction.enqueue_event(&event("a", 1000))?;
        let claimed = transaction.claim_events(EpochMillis(1000), 10, LEASE)?;
        let claimed_until = EpochMillis(61_000);
        assert_eq!(claimed, [ClaimedEvent { event: event("a", 1000), attempts: 0, claimed_until }]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn events_are_claimed_when_due_in_order_and_once() {
    check(|transaction| {
        for (id, accepted_at) in [("a", 100), ("b", 300), ("c", 200), ("d", 900)] {
            transaction.enqueue_event(&event(id, accepted_at))?;
        }
        assert_eq!(claim(transaction, 500, 2), "ac");
        assert_eq!(claim(transaction, 500, 9), "b");
        assert_eq!(claim(transaction, 500, 9), "");
        assert_eq!(transaction.next_event_at()?, Some(EpochMillis(900)));
        assert_eq!(claim(transaction, 900, 9), "d");
        assert_eq!(transaction.count_events()?, 4);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_claim_ends_with_its_lease() {
    check(|transaction| {
        transaction.enqueue_event(&event("a", 0))?;
        assert_eq!(claim(transaction, 0, 9), "a");
        assert_eq!(claim(transaction, 59_999, 9), "");
        assert_eq!(claim(transaction, 60_000, 9), "a");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_rescheduled_event_comes_back_with_its_attempts() {
    check(|transaction| {
        transaction.enqueue_event(&event("a", 0))?;
        assert_eq!(claim(transaction, 0, 9), "a");
        assert!(transaction.reschedule_event("a", EpochMillis(5000), 1)?);
        assert_eq!(claim(transaction, 4999, 9), "");
        let claimed = transaction.claim_events(EpochMillis(5000), 9, LEASE)?;
        assert_eq!(claimed.first().map(|claim| claim.attempts), Some(1));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_completed_event_is_gone() {
    check(|transaction| {
        transaction.enqueue_event(&event("a", 0))?;
        assert!(transaction.complete_event("a")?);
        assert!(!transaction.complete_event("a")?);
        assert!(!transaction.reschedule_event("a", EpochMillis(0), 1)?);
        assert_eq!(transaction.count_events()?, 0);
        assert_eq!(transaction.next_event_at()?, None);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_is_too_large_is_not_queued() {
    check(|transaction| {
        let mut large = event("a", 0);
        large.payload = vec![b' '; EVENT_PAYLOAD_BYTES_MAX];
        transaction.enqueue_event(&large)?;
        large.id = "b".to_owned();
        large.payload.push(b' ');
        let refused = transaction.enqueue_event(&large).unwrap_err();
        assert!(matches!(refused, Error::TooLarge { limit: EVENT_PAYLOAD_BYTES_MAX, .. }), "{refused}");
        let mut wordy = event("c", 0);
        wordy.context = " ".repeat(EVENT_CONTEXT_BYTES_MAX + 1);
        let refused = transaction.enqueue_event(&wordy).unwrap_err();
        assert!(matches!(refused, Error::TooLarge { limit: EVENT_CONTEXT_BYTES_MAX, .. }), "{refused}");
        assert_eq!(transaction.count_events()?, 1);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn claims_of_a_process_that_is_gone_are_void() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let first = store.write(|transaction| {
        transaction.enqueue_event(&event("a", 0))?;
        transaction.enqueue_event(&event("b", 0))?;
        assert!(transaction.reschedule_event("b", EpochMillis(7000), 2)?);
        Ok::<_, store::Error>(claim(transaction, 0, 9))
    });
    assert_eq!(first.await.unwrap(), "a");
    drop(store);

    let store = Store::open(directory.path()).unwrap();
    let second =
        store.write(|transaction| Ok::<_, store::Error>((claim(transaction, 0, 9), claim(transaction, 7000, 9))));
    assert_eq!(second.await.unwrap(), ("a".to_owned(), "b".to_owned()));
}
