//! The most memory that the process held.

use std::fs;

/// Forgets what the process held so far, where the system can.
pub(crate) fn reset() {
    // Linux sets the peak to the present size for this number, and other systems have no such file:
    // then the peak is of the whole run.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// The most bytes resident since the last [`reset`], on Linux.
pub(crate) fn bytes() -> Option<u64> {
    peak(&fs::read_to_string("/proc/self/status").ok()?)
}

fn peak(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_in_bytes() {
        let status = "Name:\tbench\nVmPeak:\t  999 kB\nVmHWM:\t   12345 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(peak(status), Some(12_345 * 1_024));
        assert_eq!(peak("Name:\tbench\n"), None);
    }
}
