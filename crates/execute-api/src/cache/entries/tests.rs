use std::time::Duration;

use super::*;

const MIB: usize = 1024 * 1024;

fn entry(cache: &ResponseCache, body: &[u8], expires_at: Instant) -> CachedResponse {
    let mut headers = Headers::default();
    headers.append("Content-Type", "text/plain");
    CachedResponse::new(200, &headers, body, expires_at, cache.epoch())
}

fn put(cache: &ResponseCache, key: &str, body: &[u8], expires_at: Instant) {
    cache.insert(key.as_bytes().into(), entry(cache, body, expires_at));
}

fn body(cache: &ResponseCache, key: &str, now: Instant) -> Option<Bytes> {
    cache.get(key.as_bytes(), now).map(|cached| cached.body.clone())
}

fn soon(now: Instant) -> Instant {
    now + Duration::from_mins(5)
}

#[test]
fn a_response_is_found_until_its_time_is_up() {
    let (cache, now) = (ResponseCache::new(64 * MIB as u64), Instant::now());
    put(&cache, "a", b"first", now + Duration::from_secs(5));
    assert_eq!(body(&cache, "a", now).as_deref(), Some(&b"first"[..]));
    assert_eq!(body(&cache, "b", now), None);
    assert_eq!(body(&cache, "a", now + Duration::from_millis(4_999)).as_deref(), Some(&b"first"[..]));
    assert_eq!(body(&cache, "a", now + Duration::from_secs(5)), None);
    put(&cache, "a", b"second", soon(now));
    assert_eq!(body(&cache, "a", now).as_deref(), Some(&b"second"[..]));
}

#[test]
fn a_flush_empties_it_of_what_is_on_its_way_too() {
    let (cache, now) = (ResponseCache::new(64 * MIB as u64), Instant::now());
    put(&cache, "a", b"old", soon(now));
    let late = entry(&cache, b"late", soon(now));
    cache.flush();
    cache.insert(b"b"[..].into(), late);
    assert_eq!((body(&cache, "a", now), body(&cache, "b", now)), (None, None));
    assert_eq!(cache.entries.weight(), 0);
}

#[test]
fn what_was_used_least_makes_room_and_no_more_bytes_are_held_than_asked_for() {
    let (cache, now) = (ResponseCache::new(16 * MIB as u64), Instant::now());
    put(&cache, "wanted", b"kept", soon(now));
    for turn in 0..64 {
        put(&cache, &format!("k{turn}"), &vec![b'x'; MIB], soon(now));
        assert!(body(&cache, "wanted", now).is_some(), "turn {turn}");
        assert!(cache.entries.weight() <= 16 * MIB as u64, "turn {turn}");
    }
    assert_eq!(body(&cache, "k0", now), None);
}

#[test]
fn the_largest_body_fits_the_smallest_cache_of_a_stage() {
    let (cache, now) = (ResponseCache::new(512 * MIB as u64), Instant::now());
    put(&cache, "a", &vec![b'x'; ENTRY_BODY_BYTES_MAX], soon(now));
    assert!(body(&cache, "a", now).is_some());
}

#[test]
fn caches_share_the_bytes_of_the_process_in_proportion() {
    let budget = CacheBudget::new(100 * MIB as u64);
    let check = |caches: &[(&Arc<ResponseCache>, usize)]| {
        budget.share_out();
        for (cache, mib) in caches {
            // Each shard's part is whole, so a few bytes are left over.
            let (held, part) = (cache.entries.capacity(), (mib * MIB) as u64);
            assert!(held <= part && part - held < 64, "{held} of {part}");
        }
    };
    let small = budget.open(50 * MIB as u64);
    check(&[(&small, 50)]);
    let large = budget.open(150 * MIB as u64);
    check(&[(&small, 25), (&large, 75)]);
    drop(small);
    check(&[(&large, 100)]);
}
