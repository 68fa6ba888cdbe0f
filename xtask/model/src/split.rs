//! Which bases of chromosome 20 are for what.
//!
//! Variants with frequencies and phase are known from 1,000,226 to 3,999,849. No encoder is
//! pretrained on any base of this stretch or before it. Windows of 3,072 bases reach 1,536 to either
//! side, so that training and test share none; validation and training differ by 4,000 bases.

/// A part of chromosome 20.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    /// First base, counted from 1.
    pub(crate) start: u64,
    /// Last base.
    pub(crate) end: u64,
}

/// What the predictor is trained on.
pub(crate) const TRAIN: Part = Part {
    name: "train",
    start: 1_000_001,
    end: 2_000_000,
};

/// What says which weights of the predictor are best.
pub(crate) const VALIDATE: Part = Part {
    name: "validate",
    start: 2_004_001,
    end: 2_196_000,
};

/// What the calibration table is made of.
pub(crate) const CALIBRATE: Part = Part {
    name: "calibrate",
    start: 2_200_001,
    end: 3_000_000,
};

/// What the model is measured on.
pub(crate) const TEST: Part = Part {
    name: "test",
    start: 3_004_001,
    end: 4_010_000,
};

/// What the encoder is compared with Markov models on: all of these, and what lies between.
pub(crate) const HELD_OUT: &str = "20:1000001-4010000";

/// What the encoder never sees beside that: the start of the chromosome, and the promoter of HNF4A.
pub(crate) const UNSEEN: &[&str] = &["20:1-1000000", "20:42970001-43000000"];

/// What the demo carries: a slice of the test part.
pub(crate) const DEMO: Part = Part {
    name: "demo",
    start: 3_000_001,
    end: 3_600_000,
};

impl Part {
    pub(crate) fn contains(&self, position: u64) -> bool {
        (self.start..=self.end).contains(&position)
    }

    /// The line of a BED file.
    pub(crate) fn bed(&self) -> String {
        format!("20\t{}\t{}\n", self.start - 1, self.end)
    }
}
