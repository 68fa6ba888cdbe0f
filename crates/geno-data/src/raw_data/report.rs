//! What an import did, in counts alone.

use std::{collections::BTreeMap, path::PathBuf};

use geno_core::Coded;
use geno_provenance::Json;

use super::{Build, BuildEvidence, RawDataProvider, RejectedCall};
use crate::VcfIndex;

/// What an import did. It holds counts and nothing of a genome.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportReport {
    /// Whose file it was.
    pub provider: RawDataProvider,
    /// The build of the positions, as far as it is known.
    pub build: Option<Build>,
    /// How it is known.
    pub evidence: BuildEvidence,
    /// What became of the rows.
    pub counts: Counts,
    /// Rows that were set aside, by code.
    pub rejected: BTreeMap<&'static str, u64>,
    /// The file that lists them, if there are any.
    pub rejected_path: Option<PathBuf>,
    /// The index of the VCF.
    pub index: VcfIndex,
}

impl ImportReport {
    /// The report as JSON.
    pub fn to_json(&self) -> Json {
        let build = |build: Option<Build>| build.map_or(Json::Null, |build| build.name().into());
        let evidence = &self.evidence;
        let markers = Build::ALL.iter().zip(evidence.markers);
        let markers = markers.map(|(build, n)| (build.name(), Json::from(n)));
        let elsewhere = [("elsewhere", evidence.markers_elsewhere.into())];
        let index = match &self.index {
            VcfIndex::Tabix(_) => "tabix",
            VcfIndex::Csi(_) => "csi",
            _ => "none",
        };
        Json::object([
            ("schema_version", "1.0.0".into()),
            ("generated_by", "geno-lewm-import".into()),
            ("provider", self.provider.name().into()),
            ("build", build(self.build)),
            (
                "build_evidence",
                Json::object([
                    ("comment", build(evidence.comment)),
                    ("reference", build(evidence.fasta)),
                    ("markers", Json::object(markers.chain(elsewhere))),
                    ("reference_checked", evidence.reference_checked.into()),
                    ("reference_agree", evidence.reference_agree.into()),
                ]),
            ),
            ("counts", self.counts.to_json()),
            (
                "rejected",
                Json::object(
                    self.rejected
                        .iter()
                        .map(|(code, n)| (*code, Json::from(*n))),
                ),
            ),
            ("index", index.into()),
        ])
    }
}

/// What became of the rows of a file.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Rows of the file, without comments and headers.
    pub rows: u64,
    /// Records of the VCF.
    pub written: u64,
    /// Positions at which every allele is the reference's.
    pub reference: u64,
    /// Rows without a call.
    pub no_calls: u64,
    /// Rows with one allele of two; not written.
    pub half_calls: u64,
    /// Rows of markers that the service could not place.
    pub unplaced: u64,
    /// Rows of the regions that X and Y share, taken as X.
    pub pseudoautosomal: u64,
    /// Indels (`I`, `D`) whose bases the allele map gave.
    pub indels_resolved: u64,
    /// Indels whose bases nobody gave; not written.
    pub indels_unresolved: u64,
    /// Rows that say again what another row of the position says.
    pub repeated: u64,
    /// Records of A/T and C/G sites, whose strand no allele tells; flagged in the VCF.
    pub strand_ambiguous: u64,
    /// Records read from the other strand; flagged in the VCF.
    pub strand_flipped: u64,
    /// Records that fit the reference on the other strand alone and were left as they are; flagged
    /// in the VCF.
    pub strand_suspect: u64,
    /// Rows of a VCF of sites that could not be used.
    pub sites_rejected: u64,
}

impl Counts {
    fn to_json(self) -> Json {
        Json::object(
            [
                ("rows", self.rows),
                ("records_written", self.written),
                ("reference", self.reference),
                ("no_calls", self.no_calls),
                ("half_calls", self.half_calls),
                ("unplaced", self.unplaced),
                ("pseudoautosomal", self.pseudoautosomal),
                ("indels_resolved", self.indels_resolved),
                ("indels_unresolved", self.indels_unresolved),
                ("repeated", self.repeated),
                ("strand_ambiguous", self.strand_ambiguous),
                ("strand_flipped", self.strand_flipped),
                ("strand_suspect", self.strand_suspect),
                ("sites_rejected", self.sites_rejected),
            ]
            .map(|(name, n)| (name, Json::from(n))),
        )
    }
}

/// Counts rows that were set aside, by code.
pub(crate) fn by_code(rejected: &[RejectedCall]) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for call in rejected {
        *counts.entry(call.fault.code().as_str()).or_default() += 1;
    }
    counts
}
