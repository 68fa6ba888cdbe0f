//! `cargo xtask test-device`: the tests of encoder, predictor and scoring on a device.
//!
//! The tests are those of every build, run with another backend compiled in and chosen: Burn's
//! default device by `BURN_DEVICE`, the runtime's backend by `GENO_LEWM_TEST_BACKEND`. Where there is
//! no device they fail; nothing is left out for want of one.

use anyhow::{Context, Result};

use crate::workspace::cargo;

/// A way to compute: the feature that compiles it in, its name to Burn and to the runtime.
struct Device {
    name: &'static str,
    feature: Option<&'static str>,
    burn: &'static str,
    backend: &'static str,
    hint: &'static str,
}

const CPU: &str = "the CPU is always there";

const VULKAN: &str = "without a GPU a software driver does: on Debian install \
    `mesa-vulkan-drivers` and `libvulkan1`, and set \
    VK_ICD_FILENAMES=/usr/share/vulkan/icd.d/lvp_icd.x86_64.json";

const DEVICES: &[Device] = &[
    Device {
        name: "cpu",
        feature: None,
        burn: "flex",
        backend: "cpu",
        hint: CPU,
    },
    // The encoder's own kernels; what is trained still runs on Burn.
    Device {
        name: "native",
        feature: None,
        burn: "flex",
        backend: "native",
        hint: CPU,
    },
    Device {
        name: "ndarray",
        feature: Some("ndarray"),
        burn: "ndarray",
        backend: "ndarray",
        hint: CPU,
    },
    Device {
        name: "wgpu",
        feature: Some("wgpu"),
        burn: "wgpu",
        backend: "wgpu",
        hint: VULKAN,
    },
    // The same backend with kernels in SPIR-V.
    Device {
        name: "vulkan",
        feature: Some("vulkan"),
        burn: "wgpu",
        backend: "wgpu",
        hint: "needs a GPU, or a software driver as recent as the kernels; `wgpu` asks for less",
    },
    Device {
        name: "cuda",
        feature: Some("cuda"),
        burn: "cuda",
        backend: "cuda",
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
    "accelerator::",
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

/// The feature that compiles a device in, if it needs one.
pub(crate) fn feature(name: &str) -> Option<&'static str> {
    device(name)?.feature
}

fn device(name: &str) -> Option<&'static Device> {
    DEVICES.iter().find(|device| device.name == name)
}

/// Runs the tests on the device that the arguments name.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let names: Vec<_> = DEVICES.iter().map(|device| device.name).collect();
    let usage = format!(
        "usage: cargo xtask test-device --backend {}",
        names.join("|")
    );
    let device = match arguments {
        [flag, name] if flag == "--backend" => device(name),
        _ => None,
    };
    let device = device.context(usage)?;

    let variables = [
        ("BURN_DEVICE", device.burn),
        ("GENO_LEWM_TEST_BACKEND", device.backend),
    ];
    // The first test asks for the device and nothing else, so that its absence is told apart.
    for modules in [&["device::"], MODULES] {
        let command = command(device, modules);
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        cargo(&command, &variables)
            .with_context(|| format!("the tests fail on `{}` ({})", device.name, device.hint))?;
    }
    Ok(())
}

/// One command for all packages: each set of packages has features of its own, and builds Burn anew.
fn command(device: &Device, modules: &[&str]) -> Vec<String> {
    let mut command = vec!["test".to_owned()];
    for (package, test) in TESTS {
        command.extend(["--package", package, "--test", test].map(str::to_owned));
    }
    if let Some(feature) = device.feature {
        command.extend(["--features".to_owned(), format!("geno-tests/{feature}")]);
    }
    command.push("--".to_owned());
    command.extend(modules.iter().map(|&module| module.to_owned()));
    if device.burn != "flex" {
        let skipped = CPU_ALONE.iter().flat_map(|&test| ["--skip", test]);
        command.extend(skipped.map(str::to_owned));
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_promise_of_bits_is_tested_on_the_cpu_and_left_out_elsewhere() {
        let skips = |name| {
            let command = command(device(name).unwrap(), MODULES);
            command.iter().filter(|word| *word == "--skip").count()
        };
        assert_eq!((skips("cpu"), skips("wgpu")), (0, CPU_ALONE.len()));
    }

    #[test]
    fn a_device_is_compiled_in_by_its_feature() {
        let cuda = command(device("cuda").unwrap(), &["device::"]);
        assert!(cuda.contains(&"geno-tests/cuda".to_owned()), "{cuda:?}");
        assert_eq!((feature("cpu"), feature("auto")), (None, None));
        assert!(run(&["--backend".to_owned(), "tpu".to_owned()]).is_err());
        assert!(run(&[]).is_err());
    }
}
