//! The libraries leave a process as they found it.

use std::{fs, net::TcpListener};

use geno_action::EditSpec;
use geno_core::Window;
use geno_runtime::{Annotations, BackendChoice, EncoderSource, ModelDir, Runtime};
use geno_tests::fixture;

#[test]
fn a_process_that_scores_through_the_library_can_still_open_sockets() {
    let before = filters();
    let model = ModelDir::open(&fixture("demo/model"), &EncoderSource::default()).unwrap();
    let runtime = Runtime::load(&model, BackendChoice::Auto).unwrap();
    let len = usize::try_from(runtime.window_bp()).unwrap();
    let window = Window::new(0, b"ACGT".repeat(len / 4)).unwrap();
    let edit = EditSpec::new("20", 1 + 4 * (runtime.window_bp() / 8), "A", "G").unwrap();
    runtime
        .score_variant(&edit, window, Annotations::default())
        .unwrap();

    TcpListener::bind("127.0.0.1:0").unwrap();
    assert_eq!(filters(), before);
}

/// What Linux says of this process's filters; a container may have put some on it.
fn filters() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("Seccomp"))?;
    Some(line.to_owned())
}
