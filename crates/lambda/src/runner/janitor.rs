//! What happens by the passing of time alone: queue timeouts, idle expiry, room for functions that wait, the end of
//! processes that outlived their workers.
//!
//! One task per runner. It sleeps long while nobody waits, so an idle gate stays quiet; timers of invocations are the
//! supervisors'.

use std::sync::{PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

use super::Shared;

/// Between turns while invocations wait.
const WAITING_TURN: Duration = Duration::from_millis(10);
/// Between turns while none waits, unless workers expire sooner.
const IDLE_TURN: Duration = Duration::from_secs(1);
/// Between two looks for processes that outlived their workers.
const STRAGGLERS_TURN: Duration = Duration::from_secs(1);

/// Runs until the runner is dropped or shut down.
pub(super) async fn run(runner: Weak<Shared>) {
    let mut waits = false;
    let mut looked_at = Instant::now();
    loop {
        let Some(shared) = runner.upgrade() else { return };
        if shared.closing.load(std::sync::atomic::Ordering::Acquire) {
            return;
        }
        if waits {
            drop(shared);
            tokio::time::sleep(WAITING_TURN).await;
        } else {
            let turn = shared.config.idle_ttl.clamp(WAITING_TURN, IDLE_TURN);
            // The first of a queue does not have to wait for the turn; the timeout is the turn.
            let _ = tokio::time::timeout(turn, shared.queued.notified()).await;
            drop(shared);
            tokio::time::sleep(WAITING_TURN).await;
        }
        let Some(shared) = runner.upgrade() else { return };
        waits = turn(&shared).await;
        if looked_at.elapsed() >= STRAGGLERS_TURN && shared.census.take_ended() {
            looked_at = Instant::now();
            let (census, runtime_dir) = (std::sync::Arc::clone(&shared.census), shared.runtime_dir.clone());
            // A look that panicked found nothing; the next one may.
            let _ = shared.runtime.spawn_blocking(move || census.kill_stragglers(&runtime_dir)).await;
        }
    }
}

async fn turn(shared: &std::sync::Arc<Shared>) -> bool {
    let now = Instant::now();
    let pools = shared.all_pools();
    let mut waits = false;
    for pool in &pools {
        waits |= pool.sweep(shared, now);
    }
    if waits && shared.workers.load(std::sync::atomic::Ordering::Acquire) >= shared.config.max_workers {
        // A function that has no worker at all must not wait for the idle time of another's.
        let oldest = pools.iter().filter_map(|pool| Some((pool.oldest_idle()?, pool))).min_by_key(|(since, _)| *since);
        if let Some((_, pool)) = oldest {
            pool.evict();
        }
    }
    for dir in forget_empty_pools(shared) {
        // Left by a process that crashed; what cannot be removed goes with the scratch directory.
        let _ = tokio::fs::remove_dir_all(dir).await;
    }
    waits
}

/// Forgets pools without workers; whoever still holds one may use it, and it vanishes with its last holder.
fn forget_empty_pools(shared: &Shared) -> Vec<std::path::PathBuf> {
    if !shared.all_pools().iter().any(|pool| pool.is_empty()) {
        return Vec::new();
    }
    let mut pools = shared.pools.write().unwrap_or_else(PoisonError::into_inner);
    let mut dirs = Vec::new();
    pools.retain(|_, pool| {
        let is_unused = std::sync::Arc::strong_count(pool) == 1 && pool.is_empty();
        if is_unused {
            dirs.extend(pool.take_temporary_dirs());
        }
        !is_unused
    });
    dirs
}
