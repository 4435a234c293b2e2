use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::*;

fn bucket(rate: f64, burst: i64) -> (Bucket, Instant) {
    let origin = Instant::now();
    (Bucket::new(RateLimit::new(rate, burst).unwrap(), origin), origin)
}

fn admitted(bucket: &Bucket, now: Instant, calls: usize) -> usize {
    (0..calls).filter(|_| bucket.take(now)).count()
}

#[test]
fn a_full_bucket_admits_its_burst_and_refills_at_its_rate() {
    let (bucket, origin) = bucket(10.0, 3);
    let check = |after_ms: u64, calls: usize, expected: usize| {
        assert_eq!(admitted(&bucket, origin + Duration::from_millis(after_ms), calls), expected, "after {after_ms} ms");
    };
    check(0, 10, 3);
    check(99, 10, 0);
    check(100, 10, 1);
    check(350, 10, 2);
    check(10_000, 10, 3);
}

/// Developer Guide, "Account-level throttling": the examples of the page's earlier edition.
#[test]
fn the_account_limit_admits_what_the_developer_guide_says() {
    let (bucket, origin) = bucket(10_000.0, 5_000);
    assert_eq!(admitted(&bucket, origin, 10_000), 5_000);
    assert_eq!(admitted(&bucket, origin + Duration::from_millis(100), 5_000), 1_000);
    let evenly = (1..900).map(|ms| admitted(&bucket, origin + Duration::from_millis(100 + ms), 10));
    assert_eq!(evenly.sum::<usize>(), 8_990);
}

#[test]
fn a_limit_of_nothing_admits_nothing() {
    for (rate, burst) in [(0.0, 5), (5.0, 0), (0.0, 0)] {
        let (bucket, origin) = bucket(rate, burst);
        assert!(!bucket.take(origin) && !bucket.take(origin + Duration::from_hours(1000)), "{rate} {burst}");
    }
}

#[test]
fn extreme_limits_neither_overflow_nor_forget() {
    for rate in [f64::MIN_POSITIVE, 1e-12, 1e12, f64::MAX] {
        let (bucket, origin) = bucket(rate, i64::from(u32::MAX));
        assert!(bucket.take(origin) && bucket.take(origin + Duration::from_secs(u64::from(u32::MAX))), "{rate}");
    }
    let (bucket, origin) = bucket(1e-9, 2);
    assert_eq!(admitted(&bucket, origin + Duration::from_hours(24 * 365), 9), 2);
}

#[test]
fn negative_numbers_stand_for_no_limit() {
    let check = |rate: f64, burst: i64, limit: bool| assert_eq!(RateLimit::new(rate, burst).is_some(), limit);
    check(-1.0, 5, false);
    check(1.0, -1, false);
    check(f64::NAN, 1, false);
    check(f64::INFINITY, 1, false);
    check(0.0, 0, true);
}

#[test]
fn threads_share_a_burst() {
    let (bucket, origin) = bucket(0.001, 1_000);
    let shares: Vec<usize> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| admitted(&bucket, origin, 700))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(shares.iter().sum::<usize>(), 1_000);
}

proptest! {
    /// In every window of every run of calls.
    #[test]
    fn no_run_of_calls_passes_more_than_burst_and_rate_times_time(
        rate in 0.01..100_000.0_f64,
        burst in 0..200_i64,
        pauses_us in prop::collection::vec(0..50_000_u64, 1..300),
    ) {
        let (bucket, origin) = bucket(rate, burst);
        let mut now = origin;
        let mut passed = Vec::new();
        for pause_us in pauses_us {
            now += Duration::from_micros(pause_us);
            if bucket.take(now) {
                passed.push(now);
            }
        }
        for (first, start) in passed.iter().enumerate() {
            for (last, end) in passed.iter().enumerate().skip(first) {
                #[expect(clippy::cast_precision_loss, reason = "a few hundred calls")]
                let (count, burst) = ((last - first + 1) as f64, burst as f64);
                let allowed = burst + rate * (*end - *start).as_secs_f64();
                prop_assert!(count <= allowed + 1e-6, "{count} of {allowed}");
            }
        }
    }

    /// A limit is no stricter than it says, either: whoever keeps its rate is always admitted.
    #[test]
    fn who_keeps_the_rate_is_never_refused(rate in 0.01..100_000.0_f64, burst in 1..200_i64, calls in 1..300_u32) {
        let (bucket, origin) = bucket(rate, burst);
        let interval = Duration::from_secs_f64(1.0 / rate) + Duration::from_nanos(1);
        for call in 0..calls {
            prop_assert!(bucket.take(origin + interval * call));
        }
    }
}
