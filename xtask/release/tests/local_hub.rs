//! The command that serves both hosts.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

/// Ends the process when the test does.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks an address that was printed, and returns the status line.
fn ask(line: &str, path: &str) -> String {
    let address = line.rsplit_once("http://").unwrap().1;
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer hf_secret\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap().to_owned()
}

#[test]
fn both_hosts_are_served_with_their_faults() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_geno-release"));
    command.args([
        "local-hub",
        "--fault",
        "GET /api/models status=503",
        "--folder",
    ]);
    command.arg(folder.path()).stdout(Stdio::piped());
    let mut running = Running(command.spawn().unwrap());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let [hugging_face, github] = [
        lines.next().unwrap().unwrap(),
        lines.next().unwrap().unwrap(),
    ];
    assert!(hugging_face.starts_with("hugging_face http://127.0.0.1:"));
    assert!(github.starts_with("github http://127.0.0.1:"));

    let path = "/api/models/owner/name/revision/main";
    assert_eq!(ask(&hugging_face, path), "HTTP/1.1 503 Status");
    assert_eq!(ask(&hugging_face, path), "HTTP/1.1 404 Status");
    // GitHub knows no token of Hugging Face.
    assert_eq!(
        ask(&github, "/api/v3/repos/owner/name/releases"),
        "HTTP/1.1 401 Status"
    );

    let log = std::fs::read_to_string(folder.path().join("requests.log")).unwrap();
    assert_eq!(log.lines().count(), 3);
    assert!(!log.contains("secret"), "{log}");
}
