//! `cargo xtask test-device`: the tests of encoder, predictor and scoring on a device.
//!
//! The tests are those of every build, run with another backend compiled in and chosen: Burn's
//! default device by `BURN_DEVICE`, the runtime's backend by `GENO_LEWM_TEST_BACKEND`. Where there is
//! no device they fail; nothing is left out for want of one.

use std::slice;

use anyhow::{Context, Result, bail};

use crate::workspace::cargo;

/// A backend, its feature in the packages that have one, and the name that Burn knows it by.
struct Device {
    backend: &'static str,
    feature: Option<&'static str>,
    burn: &'static str,
    hint: &'static str,
}

const DEVICES: &[Device] = &[
    Device {
        backend: "cpu",
        feature: None,
        burn: "flex",
        hint: "the CPU is always there",
    },
    Device {
        backend: "ndarray",
        feature: Some("ndarray"),
        burn: "ndarray",
        hint: "the CPU is always there",
    },
    Device {
        backend: "wgpu",
        feature: Some("wgpu"),
        burn: "wgpu",
        hint: "without a GPU a software driver does: on Debian install `mesa-vulkan-drivers` and \
               `libvulkan1`, and set VK_ICD_FILENAMES=/usr/share/vulkan/icd.d/lvp_icd.x86_64.json",
    },
    Device {
        backend: "cuda",
        feature: Some("cuda"),
        burn: "cuda",
        hint: "needs an NVIDIA GPU with its driver and the CUDA runtime",
    },
];

/// Packages and the tests in them that compute.
const TESTS: &[(&str, &str)] = &[
    ("geno-encoder", "encoder"),
    ("geno-predictor", "networks"),
    ("geno-surprise", "parity"),
    ("geno-tests", "suite"),
];

/// Modules of those tests; the others never touch a device, or ask for the CPU by name.
const MODULES: &[&str] = &[
    "actions::",
    "device::",
    "forward::",
    "load::",
    "parity::",
    "prefix_reuse::",
    "rerun::",
    "rollout::",
    "runtime::",
    "scores::",
    "surprise::",
    "weights::",
];

/// What is promised of CPU kernels alone: that the last bit of a row does not depend on how many
/// rows there are. Libraries for GPUs choose the order of a sum by the shape of the product.
const CPU_ALONE: &[&str] = &[
    "an_edit_is_encoded_alike_beside_any_others",
    "gives_the_same_bits_too",
    "give_the_bits_that_each_gives_alone",
    "one_action_is_predicted_alike",
    "states_do_not_depend_on_their_company",
];

/// The feature that compiles a backend in, if it needs one.
pub(crate) fn feature(backend: &str) -> Option<&'static str> {
    device(backend)?.feature
}

fn device(backend: &str) -> Option<&'static Device> {
    DEVICES.iter().find(|device| device.backend == backend)
}

/// Runs the tests on the device that the arguments name.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let names: Vec<_> = DEVICES.iter().map(|device| device.backend).collect();
    let names = names.join("|");
    let [flag, backend] = arguments else {
        bail!("usage: cargo xtask test-device --backend {names}")
    };
    let device = device(backend).filter(|_| flag == "--backend");
    let device = device.with_context(|| format!("expected `--backend {names}`"))?;

    let variables = [
        ("BURN_DEVICE", device.burn),
        ("GENO_LEWM_TEST_BACKEND", device.backend),
    ];
    // The first test asks for the device and nothing else, so that its absence is told apart.
    for modules in [slice::from_ref(&"device::"), MODULES] {
        cargo(&command(device, modules), &variables)
            .with_context(|| format!("the tests fail on `{}` ({})", device.backend, device.hint))?;
    }
    Ok(())
}

fn command(device: &Device, modules: &[&'static str]) -> Vec<&'static str> {
    let mut command = vec!["test"];
    for (package, test) in TESTS {
        command.extend(["--package", package, "--test", test]);
    }
    match device.feature {
        Some("wgpu") => command.extend(["--features", "geno-tests/wgpu"]),
        Some("cuda") => command.extend(["--features", "geno-tests/cuda"]),
        Some("ndarray") => command.extend(["--features", "geno-tests/ndarray"]),
        _ => {}
    }
    command.push("--");
    command.extend(modules);
    if device.burn != "flex" {
        for test in CPU_ALONE {
            command.extend(["--skip", test]);
        }
    }
    command
}
