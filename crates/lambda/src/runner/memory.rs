//! How much memory a worker's processes use.
//!
//! Proportional set size of the process and its descendants: pages that workers of one interpreter share are counted
//! once among them, so an idle Node.js does not look like 90 MB. To tell it, the kernel walks all pages, which takes milliseconds; the
//! resident set size, which is never smaller, it just knows. Linux only; elsewhere nothing is measured.

/// A tree deeper or wider than this is not walked further.
#[cfg(target_os = "linux")]
const PROCESSES_MAX: usize = 256;

/// Bytes used by `pid` and its descendants; `None` when the process is gone or nothing can be measured.
#[cfg(target_os = "linux")]
pub(super) fn tree_bytes(pid: u32) -> Option<u64> {
    tree(pid).filter_map(proportional_bytes).reduce(|total, bytes| total + bytes)
}

/// Bytes of `pid` and its descendants that are resident, each process for itself: at least what they use.
#[cfg(target_os = "linux")]
pub(super) fn tree_resident_bytes(pid: u32) -> Option<u64> {
    tree(pid).filter_map(resident_bytes).reduce(|total, bytes| total + bytes)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn tree_resident_bytes(_pid: u32) -> Option<u64> {
    None
}

#[cfg(target_os = "linux")]
fn resident_bytes(pid: u32) -> Option<u64> {
    // A process that is gone, and waits to be reaped, has no such line.
    told_bytes(&std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?, "VmRSS:")
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
    told_bytes(&std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?, "Pss:")
}

/// The figure in the line of this name.
#[cfg(target_os = "linux")]
fn told_bytes(text: &str, name: &str) -> Option<u64> {
    let figure = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = figure.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// The kernel lists children by the thread that forked them.
#[cfg(target_os = "linux")]
fn children(pid: u32) -> Vec<u32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let lists = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()).collect()
}
