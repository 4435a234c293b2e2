//! How much memory a worker's processes use.
//!
//! Proportional set size of the process and its descendants: pages that workers of one interpreter share are counted
//! once among them, so an idle Node.js does not look like 90 MB. To tell it, the kernel walks all pages, which takes milliseconds; the
//! resident set size, which is never smaller, it just knows. Descendants are found by a look at each thread, which is dear, too.
//! Linux only; elsewhere nothing is measured.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
};
#[cfg(target_os = "linux")]
use std::{fs::File, os::unix::fs::FileExt as _};

/// A tree deeper or wider than this is not walked further.
#[cfg(target_os = "linux")]
const PROCESSES_MAX: usize = 256;
/// By so much must a process tree grow before its peak is looked for anew: reports round up to whole megabytes.
const PEAK_STEP_BYTES: u64 = 1024 * 1024;
/// Of so many looks at a process that had no descendants when they were last looked for, one looks for them again.
const LOOKS_PER_SEARCH: u32 = 10;
/// Room for the kernel's line of figures: seven numbers.
#[cfg(target_os = "linux")]
const FIGURES_BYTES: usize = 160;

/// The memory of one worker's processes, as far as it was looked at.
#[derive(Debug, Default)]
pub(super) struct MemoryWatch {
    pid: AtomicU32,
    own: OnceLock<OwnFigures>,
    /// What the descendants had resident when they were last looked for.
    descendants_bytes: AtomicU64,
    looks: AtomicU32,
    /// What was resident when the peak was last looked for.
    resident_bytes: AtomicU64,
    peak_bytes: AtomicU64,
    /// Whether the peak was measured although no look had asked for it.
    is_peak_sought: AtomicBool,
}

impl MemoryWatch {
    /// Watches this process from now on.
    pub(super) fn set_pid(&self, pid: u32) {
        self.pid.store(pid, Ordering::Release);
    }

    /// The process that is watched; 0 before there is one.
    pub(super) fn pid(&self) -> u32 {
        self.pid.load(Ordering::Acquire)
    }

    /// Whether the process tree uses more than so many bytes. It is measured only where it may do so, or may have a new peak.
    pub(super) fn exceeds(&self, limit: u64) -> bool {
        let resident = self.look();
        if resident <= limit && resident <= self.resident_bytes.load(Ordering::Acquire) + PEAK_STEP_BYTES {
            return false;
        }
        self.resident_bytes.store(resident, Ordering::Release);
        self.measure() > limit
    }

    /// The most that was in use.
    pub(super) fn peak_bytes(&self) -> u64 {
        match self.peak_bytes.load(Ordering::Acquire) {
            // Too short an invocation for the watch: measured once, on the cold path.
            0 if !self.is_peak_sought.swap(true, Ordering::AcqRel) => self.measure(),
            peak => peak,
        }
    }

    /// What is resident: the process's own now, and its descendants' now if the last search found any; else some looks later.
    fn look(&self) -> u64 {
        let pid = self.pid();
        let is_alone = self.descendants_bytes.load(Ordering::Acquire) == 0;
        let looks = self.looks.fetch_add(1, Ordering::AcqRel);
        if !is_alone || looks.is_multiple_of(LOOKS_PER_SEARCH) {
            let bytes = descendants_resident_bytes(pid);
            self.descendants_bytes.store(bytes, Ordering::Release);
        }
        self.own_resident_bytes(pid).unwrap_or(0) + self.descendants_bytes.load(Ordering::Acquire)
    }

    /// What the process itself has resident. Its figures are opened once, when that succeeds.
    fn own_resident_bytes(&self, pid: u32) -> Option<u64> {
        if let Some(own) = self.own.get() {
            return own.resident_bytes();
        }
        let own = OwnFigures::of(pid)?;
        let bytes = own.resident_bytes();
        // Whoever came first has opened the same.
        let _ = self.own.set(own);
        bytes
    }

    /// Measures the process tree; the bytes it uses now.
    fn measure(&self) -> u64 {
        let bytes = tree_bytes(self.pid()).unwrap_or(0);
        self.peak_bytes.fetch_max(bytes, Ordering::AcqRel);
        bytes
    }
}

/// The kernel's figures of one process, open as long as they are read.
#[derive(Debug)]
struct OwnFigures {
    #[cfg(target_os = "linux")]
    file: File,
}

#[cfg(target_os = "linux")]
impl OwnFigures {
    fn of(pid: u32) -> Option<Self> {
        Some(Self { file: File::open(format!("/proc/{pid}/statm")).ok()? })
    }

    /// `None` when the process is gone.
    fn resident_bytes(&self) -> Option<u64> {
        let mut line = [0; FIGURES_BYTES];
        let length = self.file.read_at(&mut line, 0).ok()?;
        resident_bytes(std::str::from_utf8(&line[..length]).ok()?)
    }
}

#[cfg(not(target_os = "linux"))]
impl OwnFigures {
    fn of(_pid: u32) -> Option<Self> {
        None
    }

    #[expect(clippy::unused_self, reason = "elsewhere there is something to read")]
    fn resident_bytes(&self) -> Option<u64> {
        None
    }
}

/// The second of the figures, which are in pages.
#[cfg(target_os = "linux")]
fn resident_bytes(figures: &str) -> Option<u64> {
    let pages: u64 = figures.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// Bytes that descendants of `pid` have resident, each process for itself: at least what they use.
#[cfg(target_os = "linux")]
fn descendants_resident_bytes(pid: u32) -> u64 {
    tree(pid).skip(1).filter_map(|pid| OwnFigures::of(pid)?.resident_bytes()).sum()
}

#[cfg(not(target_os = "linux"))]
fn descendants_resident_bytes(_pid: u32) -> u64 {
    0
}

/// Bytes used by `pid` and its descendants; `None` when the process is gone or nothing can be measured.
#[cfg(target_os = "linux")]
fn tree_bytes(pid: u32) -> Option<u64> {
    tree(pid).filter_map(proportional_bytes).reduce(|total, bytes| total + bytes)
}

#[cfg(not(target_os = "linux"))]
fn tree_bytes(_pid: u32) -> Option<u64> {
    None
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_watch_sees_the_process_and_its_descendants_and_their_end() {
        let mut child =
            Command::new("sh").args(["-c", "sleep 60 & echo; wait"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = [0];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut line).unwrap();
        let watch = MemoryWatch::default();
        watch.set_pid(child.id());
        assert!(!watch.exceeds(u64::MAX / 2));
        assert!(watch.descendants_bytes.load(Ordering::Acquire) > 0);
        assert!(watch.exceeds(1));
        assert!(watch.peak_bytes() > 0);
        for pid in tree(child.id()).collect::<Vec<_>>().into_iter().rev() {
            let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        }
        child.wait().unwrap();
        assert!(!watch.exceeds(1), "a process that is gone uses nothing");
    }

    #[test]
    fn the_second_figure_counts_the_resident_pages() {
        let page = rustix::param::page_size() as u64;
        assert_eq!(resident_bytes("2345 678 9 1 0 3 0\n"), Some(678 * page));
        assert_eq!(resident_bytes(""), None);
    }
}
