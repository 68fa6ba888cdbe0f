//! Program and machine, as an experiment manifest records them.

use std::collections::BTreeMap;

use crate::Build;

/// The names of the CPU's vector instructions that this program could use here, found at run time.
///
/// They are what decides between kernels: on x86-64 from `sse4.2` to the AVX-512 family, on
/// AArch64 `neon` and what came after it. Other processors give none.
pub fn cpu_features() -> Vec<&'static str> {
    let found: &[(&'static str, bool)] = &[
        #[cfg(target_arch = "x86_64")]
        ("sse4.2", is_x86_feature_detected!("sse4.2")),
        #[cfg(target_arch = "x86_64")]
        ("avx", is_x86_feature_detected!("avx")),
        #[cfg(target_arch = "x86_64")]
        ("avx2", is_x86_feature_detected!("avx2")),
        #[cfg(target_arch = "x86_64")]
        ("fma", is_x86_feature_detected!("fma")),
        #[cfg(target_arch = "x86_64")]
        ("f16c", is_x86_feature_detected!("f16c")),
        #[cfg(target_arch = "x86_64")]
        ("avx512f", is_x86_feature_detected!("avx512f")),
        #[cfg(target_arch = "x86_64")]
        ("avx512bw", is_x86_feature_detected!("avx512bw")),
        #[cfg(target_arch = "x86_64")]
        ("avx512vl", is_x86_feature_detected!("avx512vl")),
        #[cfg(target_arch = "x86_64")]
        ("avx512vnni", is_x86_feature_detected!("avx512vnni")),
        #[cfg(target_arch = "x86_64")]
        ("avx512bf16", is_x86_feature_detected!("avx512bf16")),
        #[cfg(target_arch = "aarch64")]
        ("neon", std::arch::is_aarch64_feature_detected!("neon")),
        #[cfg(target_arch = "aarch64")]
        ("fp16", std::arch::is_aarch64_feature_detected!("fp16")),
        #[cfg(target_arch = "aarch64")]
        (
            "dotprod",
            std::arch::is_aarch64_feature_detected!("dotprod"),
        ),
        #[cfg(target_arch = "aarch64")]
        ("bf16", std::arch::is_aarch64_feature_detected!("bf16")),
        #[cfg(target_arch = "aarch64")]
        ("i8mm", std::arch::is_aarch64_feature_detected!("i8mm")),
        #[cfg(target_arch = "aarch64")]
        ("sve", std::arch::is_aarch64_feature_detected!("sve")),
    ];
    let found = found.iter().filter(|(_, is_there)| *is_there);
    found.map(|(name, _)| *name).collect()
}

/// What `env` of an experiment manifest holds: version, compiler and target of the program, CPU
/// features, backend and number of threads.
///
/// ```
/// let env = geno_app::experiment_env("cpu", 2);
/// let expected = ["backend", "cpu_features", "geno_lewm", "rustc", "target", "threads"];
/// assert!(env.keys().eq(expected));
/// ```
pub fn experiment_env(backend: &str, threads: usize) -> BTreeMap<String, String> {
    let build = Build::current();
    let facts = [
        ("geno_lewm", build.version.to_owned()),
        ("rustc", build.rustc.to_owned()),
        ("target", build.target.to_owned()),
        ("cpu_features", cpu_features().join(" ")),
        ("backend", backend.to_owned()),
        ("threads", threads.to_string()),
    ];
    facts
        .into_iter()
        .map(|(key, text)| (key.to_owned(), text))
        .collect()
}
