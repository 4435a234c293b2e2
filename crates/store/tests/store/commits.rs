use store::{Error, Store};
use tokio::task::JoinSet;

use crate::{in_memory, insert, note, scope, texts};

/// How a job ends.
#[derive(Debug, Clone, Copy)]
enum End {
    Well,
    WithError,
    InPanic,
}

/// Inserts two notes and ends as told.
async fn run(store: Store, number: usize, end: End) -> store::Result<()> {
    store
        .write(move |transaction| {
            transaction.insert(&scope(), "b", &format!("{number:03}a"), &note(&format!("{number:03}a")))?;
            transaction.insert(&scope(), "b", &format!("{number:03}b"), &note(&format!("{number:03}b")))?;
            match end {
                End::Well => Ok(()),
                End::WithError => transaction.insert(&scope(), "b", &format!("{number:03}a"), &note("")),
                End::InPanic => panic!("as the test wants it"),
            }
        })
        .await
}

async fn check_isolation(store: Store) {
    let mut jobs = JoinSet::new();
    for number in 0..120 {
        let end = [End::Well, End::WithError, End::Well, End::InPanic][number % 4];
        let job = run(store.clone(), number, end);
        jobs.spawn(async move { (end, job.await) });
    }
    while let Some(job) = jobs.join_next().await {
        let (end, outcome) = job.unwrap();
        match end {
            End::Well => assert!(outcome.is_ok(), "{outcome:?}"),
            End::WithError => assert!(matches!(outcome, Err(Error::AlreadyExists { .. })), "{outcome:?}"),
            End::InPanic => assert!(matches!(outcome, Err(Error::JobPanicked)), "{outcome:?}"),
        }
    }
    let mut found = texts(&store).await;
    found.sort();
    let kept = (0..120).filter(|number| number % 2 == 0);
    let expected: Vec<String> = kept.flat_map(|number| [format!("{number:03}a"), format!("{number:03}b")]).collect();
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failing_job_takes_back_its_own_changes_and_no_others() {
    let directory = tempfile::tempdir().unwrap();
    check_isolation(Store::open(directory.path()).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failing_job_takes_back_its_own_changes_in_memory_too() {
    check_isolation(in_memory()).await;
}

#[tokio::test]
async fn a_job_reads_what_it_wrote_and_a_reader_what_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    for id in ["1", "2", "3"] {
        insert(&store, id).await.unwrap();
        assert_eq!(texts(&store).await.last().map(String::as_str), Some(id));
    }
}

#[tokio::test]
async fn a_reader_that_panics_or_fails_harms_nobody() {
    for store in [in_memory(), Store::open(tempfile::tempdir().unwrap().path()).unwrap()] {
        for _ in 0..8 {
            let outcome: store::Result<()> = store.read(|_| panic!("as the test wants it")).await;
            assert!(matches!(outcome, Err(Error::JobPanicked)), "{outcome:?}");
        }
        insert(&store, "n").await.unwrap();
        assert_eq!(texts(&store).await, ["n"]);
    }
}

#[tokio::test]
async fn a_job_whose_caller_has_gone_still_runs_whole() {
    let store = in_memory();
    let (start, started) = std::sync::mpsc::channel::<()>();
    // The writer is held here until the second caller has gone.
    let first = store.write(move |_| Ok::<_, store::Error>(started.recv().is_ok()));
    let second = insert(&store, "n");
    {
        let mut both = Box::pin(async { tokio::join!(first, second) });
        // One poll queues both jobs; then the callers go.
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(both.as_mut().poll(context))).await;
        assert!(polled.is_pending());
    }
    start.send(()).unwrap();
    assert_eq!(texts(&store).await, ["n"]);
}
