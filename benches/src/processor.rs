//! The kind of processor that timings are of.

use std::{env::consts::ARCH, fs};

/// What the processor calls itself, such as `AMD EPYC 9R14`; its architecture where the system does
/// not say. Timings are compared between machines of one kind, so no line names the machine.
pub(crate) fn processor() -> String {
    let told = fs::read_to_string("/proc/cpuinfo").ok();
    told.as_deref().and_then(model).unwrap_or(ARCH).to_owned()
}

fn model(cpuinfo: &str) -> Option<&str> {
    let named = |line: &&str| line.starts_with("model name");
    let (_, model) = cpuinfo.lines().find(named)?.split_once(':')?;
    Some(model.trim()).filter(|model| !model.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_that_of_the_first_processor() {
        let cpuinfo = "processor\t: 0\nmodel\t\t: 143\nmodel name\t: Some CPU @ 2.00GHz\n\
            processor\t: 1\nmodel name\t: Another\n";
        assert_eq!(model(cpuinfo), Some("Some CPU @ 2.00GHz"));
        assert_eq!(model("Processor: ARM\n"), None);
        assert!(!processor().is_empty());
    }
}
