//! SIGKILL to whoever holds the other end of a connection to the proxy, found through /proc.
//!
//! Only a process that is connected to the proxy's own port is ever found: a function of the local
//! cloud that the proxy stands before.

use std::{fs, process};

/// A process at the other end of a connection.
#[derive(Debug, Clone)]
pub(super) struct Process(String);

impl Process {
    /// Whose socket goes from `peer` to `port`.
    pub(super) fn behind(peer: u16, port: u16) -> Option<Self> {
        let table = fs::read_to_string("/proc/net/tcp").ok()?;
        let socket = format!("socket:[{}]", inode(&table, peer, port)?);
        let pid = fs::read_dir("/proc").ok()?.flatten().find_map(|process| {
            let pid = process.file_name().into_string().ok()?;
            pid.parse::<u32>().ok().filter(|pid| *pid != process::id())?;
            let mut held = fs::read_dir(process.path().join("fd")).ok()?.flatten();
            held.any(|held| fs::read_link(held.path()).is_ok_and(|link| *link == *socket))
                .then_some(pid)
        });
        pid.map(Self)
    }

    /// Kills it; whether it was there.
    pub(super) fn kill(&self) -> bool {
        let killed = process::Command::new("kill").args(["-KILL", &self.0]).status();
        killed.is_ok_and(|status| status.success())
    }
}

/// Of the socket in the kernel's table of connections.
fn inode(table: &str, local: u16, remote: u16) -> Option<&str> {
    let ends = |address: &str, port: u16| address.ends_with(&format!(":{port:04X}"));
    table.lines().find_map(|line| {
        let columns: Vec<_> = line.split_whitespace().collect();
        let found = ends(columns.get(1)?, local) && ends(columns.get(2)?, remote);
        found.then(|| columns.get(9).copied())?
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_socket_is_found_by_its_ports() {
        let table = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:12D5 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111
   1: 0100007F:12D5 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 222
   2: 0100007F:C350 0100007F:12D5 01 00000000:00000000 00:00000000 00000000     0        0 333
";
        assert_eq!(super::inode(table, 50000, 4821), Some("333"));
        assert_eq!(super::inode(table, 50001, 4821), None);
    }
}
