//! Time and threads: a search that is stopped, and one on more cores.

use std::fs;

use crate::{Bench, REGION};

const TARGET: &str = "--target-state target.json --distance cosine --stopping-eps 0";

#[test]
fn one_seed_gives_one_file_on_any_number_of_threads() {
    let bench = Bench::new();
    for solver in [
        "cem --edit-types snv,ins,del --samples 96 --iterations 2",
        "mcts --edit-types snv,ins,del --samples 64",
        "exhaustive --edge-margin 290",
    ] {
        let flags = format!(
            "--region {REGION} {TARGET} --horizon 2 --elite 8 --seed 11 --solver {solver} \
             --output-vcf plan.vcf --verify-with-encoder"
        );
        let written = |threads: usize| {
            let output = bench
                .command(&format!("{flags} --threads {threads}"))
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{said}");
            let files = ["plan.json", "plan.vcf"].map(|name| {
                let path = bench.path().join(name);
                let text = fs::read_to_string(&path).unwrap();
                fs::remove_file(path).unwrap();
                text
            });
            let [plan, vcf] = files;
            let is_time = |line: &&str| line.contains("\"elapsed_seconds\"");
            assert_eq!(plan.lines().filter(is_time).count(), 1);
            let same: Vec<_> = plan.lines().filter(|line| !is_time(line)).collect();
            (same.join("\n"), vcf)
        };
        assert_eq!(written(1), written(2), "{solver}");
    }
}

/// Whether a process catches Ctrl-C.
#[cfg(target_os = "linux")]
fn catches_interrupts(process: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    // Signal 2 is the second bit.
    caught.is_some_and(|bits| bits & 2 != 0)
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_writes_the_best_until_then() {
    use std::{
        process::{Command, Stdio},
        thread,
        time::Duration,
    };

    use crate::Run;

    let bench = Bench::new();
    for solver in [
        "cem --iterations 1000000 --patience 1000000 --samples 128 --elite 8",
        "mcts --samples 1000000",
    ] {
        let flags = format!(
            "--region {REGION} {TARGET} --horizon 5 --output-vcf best.vcf --solver {solver}"
        );
        let child = bench
            .command(&flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let process = child.id();
        // It is caught from just before the search on.
        while !catches_interrupts(process) {
            thread::sleep(Duration::from_millis(20));
        }
        thread::sleep(Duration::from_millis(300));
        let sent = Command::new("kill")
            .args(["-INT", &process.to_string()])
            .status();
        assert!(sent.unwrap().success());
        let run = Run::of(&bench, &child.wait_with_output().unwrap());
        assert_eq!(run.code, Some(130), "{}", run.stderr);
        assert!(run.stderr.contains("the best until then was written"));
        let plan = run.plan.expect("the best until then");
        assert_eq!(plan["result"]["stopped_reason"], "stopped_by_caller");
        assert!(plan["result"]["n_evaluations"].as_u64() > Some(1));
        assert!(run.stdout.contains("stopped_by_caller"), "{}", run.stdout);
        let vcf = fs::read_to_string(bench.path().join("best.vcf")).unwrap();
        let n_rows = vcf.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(n_rows, crate::n_best(&plan));
    }
}
