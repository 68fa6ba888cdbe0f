//! Installs the sandbox in a process of its own and tries what it must and must not stop.
//!
//! Without the usual harness: a filter binds the whole process for good, so this program runs itself
//! once more for each case, named by an environment variable.

#![cfg_attr(
    not(target_os = "linux"),
    expect(unused, reason = "Linux has the sandbox")
)]

use std::{
    env, fs,
    io::{self, ErrorKind, Read, Write},
    net::{TcpListener, TcpStream, UdpSocket},
    process::{Command, ExitCode},
    thread,
};

use geno_app::{Sandbox, SandboxOff};

/// Names the case to a process that this one started.
const CASE: &str = "GENO_LEWM_TEST_SANDBOX";

const CASES: [(&str, fn()); 5] = [
    (
        "without a sandbox sockets open, and the status says so",
        sockets_open_without,
    ),
    (
        "no network socket opens in the sandbox",
        no_network_socket_opens,
    ),
    (
        "a thread that ran before the sandbox is bound too",
        earlier_threads_are_bound,
    ),
    ("a child process is bound too", children_are_bound),
    (
        "files and Unix sockets still work",
        files_and_unix_sockets_work,
    ),
];

#[cfg(target_os = "linux")]
#[expect(clippy::print_stdout, reason = "what a harness would print")]
fn main() -> ExitCode {
    if let Ok(case) = env::var(CASE) {
        let (_, run) = CASES
            .into_iter()
            .find(|(name, _)| *name == case)
            .expect("a case of this name");
        run();
        return ExitCode::SUCCESS;
    }
    let this = env::current_exe().expect("the path of this program");
    let mut outcome = ExitCode::SUCCESS;
    for (name, _) in CASES {
        let status = Command::new(&this).env(CASE, name).status();
        let holds = status.expect("a second process").success();
        println!("{name}: {}", if holds { "ok" } else { "FAILED" });
        if !holds {
            outcome = ExitCode::FAILURE;
        }
    }
    outcome
}

#[cfg(not(target_os = "linux"))]
fn main() {
    assert_eq!(Sandbox::install(), Sandbox::Off(SandboxOff::Unsupported));
}

type Attempt = fn() -> io::Result<()>;

/// Every way to the network that the standard library has.
const ATTEMPTS: [(&str, Attempt); 6] = [
    ("TCP to IPv4", || {
        TcpStream::connect("127.0.0.1:9").map(drop)
    }),
    ("TCP to IPv6", || TcpStream::connect("[::1]:9").map(drop)),
    ("TCP on IPv4", || TcpListener::bind("127.0.0.1:0").map(drop)),
    ("TCP on IPv6", || TcpListener::bind("[::1]:0").map(drop)),
    ("UDP on IPv4", || UdpSocket::bind("127.0.0.1:0").map(drop)),
    ("UDP on IPv6", || UdpSocket::bind("[::1]:0").map(drop)),
];

fn all_are_refused() {
    for (name, attempt) in ATTEMPTS {
        let error = attempt().expect_err(name);
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{name}: {error}");
    }
}

fn sockets_open_without() {
    assert_eq!(Sandbox::current(), Sandbox::Off(SandboxOff::NotAsked));
    TcpListener::bind("127.0.0.1:0").expect("a socket");
}

fn no_network_socket_opens() {
    assert_eq!(Sandbox::install(), Sandbox::On);
    assert_eq!(Sandbox::current(), Sandbox::On);
    assert_eq!(
        Sandbox::install(),
        Sandbox::On,
        "a second call changes nothing"
    );
    all_are_refused();
    thread::spawn(all_are_refused)
        .join()
        .expect("a later thread");
}

fn earlier_threads_are_bound() {
    let (tell, told) = std::sync::mpsc::channel();
    let earlier = thread::spawn(move || {
        told.recv().expect("a word from the first thread");
        all_are_refused();
    });
    assert_eq!(Sandbox::install(), Sandbox::On);
    tell.send(()).expect("the thread still waits");
    earlier.join().expect("an earlier thread");
}

fn children_are_bound() {
    // The child of this child finds itself bound without having installed anything.
    const INNER: &str = "GENO_LEWM_TEST_SANDBOX_INNER";
    if env::var_os(INNER).is_some() {
        assert_eq!(Sandbox::current(), Sandbox::Off(SandboxOff::NotAsked));
        return all_are_refused();
    }
    assert_eq!(Sandbox::install(), Sandbox::On);
    let this = env::current_exe().expect("the path of this program");
    let status = Command::new(this).env(INNER, "1").status();
    assert!(status.expect("a child process").success());
}

#[cfg(target_os = "linux")]
fn files_and_unix_sockets_work() {
    use std::os::unix::net::{UnixListener, UnixStream};

    assert_eq!(Sandbox::install(), Sandbox::On);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "text").expect("a file");
    assert_eq!(fs::read(&file).expect("the file"), b"text");

    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).expect("a Unix socket");
    let mut near = UnixStream::connect(&path).expect("its other end");
    near.write_all(b"text").expect("room for four bytes");
    drop(near);
    let mut text = String::new();
    let (mut far, _) = listener.accept().expect("the connection");
    far.read_to_string(&mut text).expect("what was sent");
    assert_eq!(text, "text");
}

#[cfg(not(target_os = "linux"))]
fn files_and_unix_sockets_work() {}
