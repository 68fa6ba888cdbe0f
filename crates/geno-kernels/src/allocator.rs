//! Settings of the system's allocator.

/// Lets the process keep what it frees, for the next tensor of the same size.
///
/// The C library of Linux asks the kernel for each large block and gives it back when it is freed.
/// A network allocates and frees blocks of the same few sizes all the time, so nearly all of its
/// page faults are for memory that it had a moment ago. Returns whether anything was set: on
/// systems with another C library this does nothing.
///
/// Call it before threads start. The process does not shrink after its peak.
pub fn keep_freed_memory() -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: `mallopt` takes two integers and sets a parameter of the allocator under the
        // allocator's own lock. Neither parameter changes what a valid allocation is.
        let set = |parameter, value| unsafe { libc::mallopt(parameter, value) } == 1;
        set(libc::M_MMAP_MAX, 0) & set(libc::M_TRIM_THRESHOLD, i32::MAX)
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    {
        false
    }
}
