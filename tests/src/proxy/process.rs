//! Finds the process at the other end of a connection through /proc, and kills it.
//!
//! Only a process that is connected to the proxy's own port can be found: a function of the local cloud.

use std::{fs, process};

/// A process that is connected to the proxy.
#[derive(Debug, Clone)]
pub(super) struct Process {
    pid: String,
}

impl Process {
    /// Finds the process whose socket goes from port `peer` to port `port`.
    pub(super) fn by_connection(peer: u16, port: u16) -> Option<Self> {
        let table = fs::read_to_string("/proc/net/tcp").ok()?;
        let socket = format!("socket:[{}]", socket_inode(&table, peer, port)?);
        let pid = fs::read_dir("/proc").ok()?.flatten().find_map(|process| {
            let pid = process.file_name().into_string().ok()?;
            pid.parse::<u32>().ok().filter(|pid| *pid != process::id())?;
            let mut files = fs::read_dir(process.path().join("fd")).ok()?.flatten();
            files.any(|file| fs::read_link(file.path()).is_ok_and(|link| *link == *socket)).then_some(pid)
        });
        pid.map(|pid| Self { pid })
    }

    /// Sends SIGKILL. Returns `false` if the process has already ended.
    pub(super) fn kill(&self) -> bool {
        let killed = process::Command::new("kill").args(["-KILL", &self.pid]).status();
        killed.is_ok_and(|status| status.success())
    }
}

/// Finds the inode of a socket in the text of `/proc/net/tcp`, by its local and its remote port.
fn socket_inode(table: &str, local: u16, remote: u16) -> Option<&str> {
    let has_port = |address: &str, port: u16| address.ends_with(&format!(":{port:04X}"));
    table.lines().find_map(|line| {
        let columns: Vec<_> = line.split_whitespace().collect();
        let found = has_port(columns.get(1)?, local) && has_port(columns.get(2)?, remote);
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
        assert_eq!(super::socket_inode(table, 50000, 4821), Some("333"));
        assert_eq!(super::socket_inode(table, 50001, 4821), None);
    }
}
