//! How much memory this process has, as Linux tells it.

use serde::{Deserialize, Serialize};

/// Memory of a process in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// What it has now (`VmRSS`).
    pub resident: u64,
    /// The most that it ever had (`VmHWM`).
    pub peak: u64,
}

impl Memory {
    /// That of this process; none on systems that do not tell it.
    #[must_use]
    pub fn now() -> Option<Self> {
        Self::read(&std::fs::read_to_string("/proc/self/status").ok()?)
    }

    fn read(status: &str) -> Option<Self> {
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
            kibibytes.checked_mul(1024)
        };
        Some(Self { resident: bytes("VmRSS:")?, peak: bytes("VmHWM:")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_read_from_what_linux_tells() {
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        let memory = Memory::read(status).unwrap();
        assert_eq!(memory, Memory { resident: 1024 * 1024, peak: 2048 * 1024 });
        assert_eq!(Memory::read("VmRSS: many"), None);
    }
}
