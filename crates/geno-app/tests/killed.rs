//! An update killed at random points: the old version stays whole and in use, and the next run
//! finishes.
//!
//! The test starts itself anew as the process to kill, so it has no harness.

#[expect(dead_code, reason = "each test binary uses its part")]
#[path = "network/common.rs"]
mod common;

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use common::{
    release::Release,
    server::{Server, head, ok, send, status},
    tls::Authority,
};
use geno_app::{
    Client, ClientSettings, InstallRoot, InstalledModel, Location, ReleaseId, find_release, install,
};
use geno_core::RandomStream;
use rand::Rng;

const N_KILLS: u64 = 20;
const CHILD: &str = "--install-then-die";

fn main() {
    let arguments: Vec<String> = env::args().collect();
    match &arguments[1..] {
        [child, index, root, ca_file] if child == CHILD => {
            update(index, Path::new(root), Path::new(ca_file));
        }
        _ => {
            an_update_killed_at_random_points_leaves_the_old_version_in_use();
        }
    }
}

fn update(index: &str, root: &Path, ca_file: &Path) {
    let client = Client::new(ClientSettings {
        ca_file: Some(ca_file.to_owned()),
        ..ClientSettings::default()
    })
    .unwrap();
    let index = Location::parse(index).unwrap();
    let offer = find_release(&client, &index, None, None).unwrap();
    let lock = InstallRoot::new(root).lock().unwrap();
    let old = ReleaseId::new("model-1.0").unwrap();
    install(&client, &lock, &offer, Some(&old), 1 << 20, &mut |_, _| ()).unwrap();
}

fn an_update_killed_at_random_points_leaves_the_old_version_in_use() {
    let authority = Authority::new();
    let release = Release::new("2.0");
    // Some 60 kB in pieces of 2 kB, one every two milliseconds.
    let server = Server::start(&authority, move |_, request, stream| {
        let Some(bytes) = release.at(&request.path) else {
            return status(stream, "404 Not Found", "");
        };
        if request.path.ends_with(".json") {
            return ok(stream, &bytes);
        }
        let start = request.range().unwrap_or(0).min(bytes.len());
        let length = format!("Content-Length: {}\r\n", bytes.len() - start);
        let last = bytes.len() - 1;
        match start {
            0 => head(stream, "200 OK", &length),
            _ => {
                let range = format!("Content-Range: bytes {start}-{last}/{}\r\n", bytes.len());
                head(stream, "206 Partial Content", &(length + &range));
            }
        }
        for piece in bytes[start..].chunks(2000) {
            send(stream, piece);
            thread::sleep(Duration::from_millis(2));
        }
    });

    let folder = tempfile::tempdir().unwrap();
    let root = InstallRoot::new(folder.path());
    let old = folder.path().join("model-1.0");
    let new = folder.path().join("model-2.0");
    Release::new("1.0").write(&old);
    let child = || {
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args([CHILD, &server.url("/releases.json")])
            .args([folder.path(), &authority.ca_file])
            .stderr(Stdio::null());
        command
    };

    let mut random = RandomStream::new(20, "moments of death");
    let (mut n_killed, mut n_finished, mut n_in_part) = (0, 0, 0);
    for _ in 0..N_KILLS {
        let mut process = child().spawn().unwrap();
        let moment = random.next_u64() % 120;
        thread::sleep(Duration::from_millis(moment));
        process.kill().unwrap();
        let exit = process.wait().unwrap();
        n_killed += u64::from(exit.code().is_none());

        verify(&old);
        let staged = fs::read_dir(folder.path()).unwrap().filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().ends_with(".partial")
        });
        n_in_part += staged.count();
        if let Some(id) = root.current().unwrap() {
            verify(&root.release(&id));
            verify(&folder.path().join("current"));
        }
        if new.exists() {
            // From here on there is nothing left to break: begin anew.
            verify(&new);
            n_finished += 1;
            fs::remove_dir_all(&new).unwrap();
            for pointer in ["current", "previous"] {
                let _ = fs::remove_file(folder.path().join(pointer));
            }
        }
    }
    assert!(
        n_killed > 0 && n_in_part > 0,
        "no kill hit an installation at work"
    );

    assert!(
        child().status().unwrap().success(),
        "the last run does not finish"
    );
    verify(&new);
    verify(&old);
    assert_eq!(root.current().unwrap().unwrap().as_str(), "model-2.0");
    assert_eq!(root.previous().unwrap().unwrap().as_str(), "model-1.0");
    let hidden = fs::read_dir(folder.path()).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().ends_with(".partial")
    });
    assert_eq!(hidden.count(), 0, "leftovers stay");
    println(&format!(
        "{N_KILLS} runs: {n_killed} killed, {n_in_part} of them with files in part, {n_finished} done"
    ));
}

#[expect(
    clippy::print_stdout,
    reason = "a test without a harness reports for itself"
)]
fn println(text: &str) {
    println!("{text}");
}

fn verify(folder: &Path) {
    InstalledModel::open(folder).unwrap().verify().unwrap();
}
