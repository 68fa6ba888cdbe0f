//! Files that hold no state.

use crate::{Bench, REGION, WIDTH, state};

/// A `.npy` file with a header and some bytes.
fn npy(descr: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values);
    bytes
}

fn values(state: &[f64]) -> Vec<u8> {
    let narrow = state.iter().map(|x| *x as f32);
    narrow.flat_map(f32::to_le_bytes).collect()
}

#[test]
fn files_that_lie_or_hold_no_state_are_refused_wherever_they_are_given() {
    let bench = Bench::new();
    let whole = values(&state(1));
    let shape = format!("({WIDTH},)");
    let mut nan = state(1);
    nan[5] = f64::NAN;
    let mut infinite = state(1);
    infinite[0] = f64::NEG_INFINITY;
    let pickle = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.";
    let files: [(&str, Vec<u8>, &str); 11] = [
        (
            "header.npy",
            npy("<f4", &shape, &whole)[..40].to_vec(),
            "ends in its header",
        ),
        (
            "values.npy",
            npy("<f4", &shape, &whole[..99]),
            "99 bytes of values",
        ),
        (
            "longer.npy",
            npy("<f4", &shape, &[whole.clone(), vec![0]].concat()),
            "257 bytes of values",
        ),
        (
            "huge.npy",
            npy("<f4", "(4611686018427387904, 64)", &whole),
            "256 bytes of values",
        ),
        (
            "nan.npy",
            npy("<f4", &shape, &values(&nan)),
            "value 5 of vector 0",
        ),
        (
            "infinite.npy",
            npy("<f4", &shape, &values(&infinite)),
            "value 0 of vector 0",
        ),
        (
            "narrow.npy",
            npy("<f4", "(63,)", &whole[..252]),
            "those of the model 64",
        ),
        (
            "object.npy",
            npy("|O", "(1,)", pickle),
            "are not little-endian",
        ),
        (
            "big-endian.npy",
            npy(">f4", &shape, &whole),
            "are not little-endian",
        ),
        (
            "tensor.safetensors",
            [[0xff; 8].as_slice(), b"{}"].concat(),
            "holds no states",
        ),
        (
            "word.json",
            b"{\"state\": [1, \"2\"]}".to_vec(),
            "no list of numbers",
        ),
    ];
    for (name, bytes, why) in files {
        bench.write(name, bytes);
        for flags in [
            format!("--target-state {name}"),
            format!("--initial-state {name} --target-state target.json"),
            format!("--target-state target.json --project {name}"),
        ] {
            let run = bench.run(&format!("--region {REGION} {flags}"));
            assert_eq!(run.code, Some(2), "{flags}: {}", run.stderr);
            assert_eq!((run.plan, run.stdout.as_str()), (None, ""), "{flags}");
            assert!(run.stderr.starts_with("error[INPUT."), "{}", run.stderr);
            // How wide the rows of a subspace have to be is said of the rows, not of a file.
            if !(name == "narrow.npy" && flags.contains("--project")) {
                assert!(run.stderr.contains(name), "{flags}: {}", run.stderr);
                assert!(run.stderr.contains(why), "{flags}: {}", run.stderr);
            }
        }
    }
    // The same bytes without a lie are a state.
    bench.write("whole.npy", npy("<f4", &shape, &whole));
    let flags = "--initial-state whole.npy --target-state whole.npy --horizon 1";
    let plan = bench.plan(&format!("--region {REGION} {flags}"));
    assert_eq!(plan["result"]["best_distance"], 0.0);
}
