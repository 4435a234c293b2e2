//! How much memory a worker's processes use.
//!
//! Proportional set size of the process and its descendants: pages that workers of one interpreter share are counted
//! once among them, so an idle Node.js does not look like 90 MB. Linux only; elsewhere nothing is measured.

/// A tree deeper or wider than this is not walked further.
#[cfg(target_os = "linux")]
const PROCESSES_MAX: usize = 256;

/// Bytes used by `pid` and its descendants; `None` when the process is gone or nothing can be measured.
#[cfg(target_os = "linux")]
pub(super) fn tree_bytes(pid: u32) -> Option<u64> {
    tree(pid).filter_map(proportional_bytes).reduce(|total, bytes| total + bytes)
}

/// `pid` and its descendants, as far as a limit goes.
#[cfg(target_os = "linux")]
pub(super) fn tree(pid: u32) -> impl Iterator<Item = u32> {
    let mut pending = vec![pid];
    let next = move || {
        let pid = pending.pop()?;
        pending.extend(children(pid));
        Some(pid)
    };
    std::iter::from_fn(next).take(PROCESSES_MAX)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn tree_bytes(_pid: u32) -> Option<u64> {
    None
}

#[cfg(target_os = "linux")]
fn proportional_bytes(pid: u32) -> Option<u64> {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// The kernel lists children by the thread that forked them.
#[cfg(target_os = "linux")]
fn children(pid: u32) -> Vec<u32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let lists = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()).collect()
}
