//! The machine a program runs on.

use std::{fs, thread};

/// What a machine has to compute with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Machine {
    /// Operating system and architecture, such as `linux x86_64`.
    pub system: String,
    /// Threads that run at once.
    pub threads: usize,
    /// Instructions beyond the architecture's baseline that matter here, by name.
    pub cpu_features: Vec<&'static str>,
    /// Memory in bytes, where the system tells.
    pub memory_bytes: Option<u64>,
    /// Memory in bytes that is free for a new program, where the system tells.
    pub available_bytes: Option<u64>,
}

impl Machine {
    /// This machine.
    pub fn current() -> Self {
        Self {
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            threads: thread::available_parallelism().map_or(1, usize::from),
            cpu_features: cpu_features(),
            memory_bytes: kilobytes("/proc/meminfo", "MemTotal:"),
            available_bytes: kilobytes("/proc/meminfo", "MemAvailable:"),
        }
    }
}

/// Most memory this process held at once, where the system tells.
pub(crate) fn peak_memory_bytes() -> Option<u64> {
    kilobytes("/proc/self/status", "VmHWM:")
}

/// A line such as `VmHWM:     1234 kB`, in bytes.
fn kilobytes(file: &str, key: &str) -> Option<u64> {
    field(&fs::read_to_string(file).ok()?, key)
}

fn field(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let number: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    number.checked_mul(1024)
}

macro_rules! detected {
    ($detect:ident: $($name:tt),* $(,)?) => {
        [$(($name, std::arch::$detect!($name))),*]
            .into_iter()
            .filter_map(|(name, is_there)| is_there.then_some(name))
            .collect()
    };
}

#[cfg(target_arch = "x86_64")]
fn cpu_features() -> Vec<&'static str> {
    detected!(is_x86_feature_detected: "avx2", "fma", "f16c", "avx512f", "avx512bf16", "avx512vnni")
}

#[cfg(target_arch = "aarch64")]
fn cpu_features() -> Vec<&'static str> {
    detected!(is_aarch64_feature_detected: "neon", "dotprod", "fp16", "bf16", "i8mm", "sve")
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn cpu_features() -> Vec<&'static str> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilobytes_are_read_by_their_key() {
        let text = "VmPeak:\t  10 kB\nVmHWM:\t  2048 kB\nThreads:\t3\n";
        assert_eq!(field(text, "VmHWM:"), Some(2 << 20));
        assert_eq!(field(text, "Threads:"), None);
        assert_eq!(field(text, "VmSwap:"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_tells_the_peak_memory_of_this_process() {
        assert!(peak_memory_bytes().is_some_and(|bytes| bytes > 1 << 16));
    }
}
