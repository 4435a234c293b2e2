//! Whose process is at the other end of a Runtime API connection.
//!
//! A worker's port is open to every process of the machine; only the worker's own process and its descendants may take its events
//! or answer for it. The kernel says which socket is at the other end and who holds it. Linux only; elsewhere, and where the
//! kernel's tables cannot be read, everybody is taken for the worker.

use std::net::SocketAddr;

#[cfg(target_os = "linux")]
use super::memory::tree;

/// The kernel's tables of TCP sockets, and what stands before an IPv4 address in each: runtimes that open dual-stack sockets are
/// listed in the second.
#[cfg(target_os = "linux")]
const TABLES: [(&str, &str); 2] = [("/proc/net/tcp", ""), ("/proc/net/tcp6", "0000000000000000FFFF0000")];
/// Where a row of the tables has its addresses, one after the other, and its inode.
#[cfg(target_os = "linux")]
const ADDRESSES_COLUMN: usize = 1;
#[cfg(target_os = "linux")]
const INODE_COLUMN: usize = 9;

/// Whether the process `pid` or a descendant of it holds the socket that is bound to `peer` and connected to `local`. Blocks for a
/// look at the kernel's tables.
#[cfg(target_os = "linux")]
pub(super) fn is_of_tree(pid: u32, peer: SocketAddr, local: SocketAddr) -> bool {
    let mut is_readable = false;
    for (table, prefix) in TABLES {
        let Ok(rows) = std::fs::read_to_string(table) else { continue };
        is_readable = true;
        if let Some(inode) = inode(&rows, prefix, peer, local) {
            let socket = format!("socket:[{inode}]");
            return tree(pid).any(|pid| holds(pid, &socket));
        }
    }
    !is_readable
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_of_tree(_pid: u32, _peer: SocketAddr, _local: SocketAddr) -> bool {
    true
}

#[cfg(target_os = "linux")]
fn holds(pid: u32, socket: &str) -> bool {
    let Ok(descriptors) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    descriptors.flatten().any(|entry| std::fs::read_link(entry.path()).is_ok_and(|target| target.as_os_str() == socket))
}

/// The inode of a socket, as a row of the table says; a socket that no process holds any more has none.
#[cfg(target_os = "linux")]
fn inode<'t>(rows: &'t str, prefix: &str, local: SocketAddr, remote: SocketAddr) -> Option<&'t str> {
    let (local, remote) = (address(prefix, local)?, address(prefix, remote)?);
    let row = rows.lines().find_map(|row| {
        let mut columns = row.split_ascii_whitespace().skip(ADDRESSES_COLUMN);
        (columns.next()? == local && columns.next()? == remote).then_some(columns)
    });
    row?.nth(INODE_COLUMN - ADDRESSES_COLUMN - 2).filter(|inode| *inode != "0")
}

/// An IPv4 address as the tables print it: the number that its bytes are in memory, then the port.
#[cfg(target_os = "linux")]
fn address(prefix: &str, address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(address) = address else { return None };
    let number = u32::from_ne_bytes(address.ip().octets());
    Some(format!("{prefix}{number:08X}:{:04X}", address.port()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:11D6 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0 100 0 0 10 0
   1: 0100007F:11D6 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 78 1 0 20 4 30 10 -1
   2: 0100007F:C350 0100007F:11D6 01 00000000:00000000 00:00000000 00000000  1000        0 79 1 0 20 4 30 10 -1
   3: 0100007F:C351 0100007F:11D6 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0
";

    #[test]
    #[cfg(target_endian = "little")]
    fn the_other_end_is_the_row_with_the_addresses_the_other_way_round() {
        let at = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        assert_eq!(inode(TCP, "", at(50_000), at(4566)), Some("79"));
        assert_eq!(inode(TCP, "", at(4566), at(50_000)), Some("78"));
        // Whoever held it is gone.
        assert_eq!(inode(TCP, "", at(50_001), at(4566)), None);
        assert_eq!(inode(TCP, "", at(50_002), at(4566)), None);
        let mapped = TCP.replace("0100007F", "0000000000000000FFFF00000100007F");
        assert_eq!(inode(&mapped, TABLES[1].1, at(50_000), at(4566)), Some("79"));
        assert_eq!(inode(&mapped, "", at(50_000), at(4566)), None);
    }

    #[test]
    fn this_process_holds_its_own_sockets_and_no_others() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (peer, local) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
        assert!(is_of_tree(std::process::id(), peer, local));
        assert!(!is_of_tree(1, SocketAddr::from(([127, 0, 0, 1], 1)), local));
        // A process of its own holds none of this one's.
        let mut other = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        assert!(!is_of_tree(other.id(), peer, local));
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
