//! Where the sequence and the variants come from: all GRCh37.

use crate::debian::{Package, PackagedFile};

/// Chromosome 20, whole.
pub(crate) const CHROMOSOME_20: &str = "20.fa";

/// What an encoder is pretrained on beside it.
pub(crate) const OTHER_SEQUENCE: &[&str] = &["X.fa", "3.fa", "4.fa", "5.fa"];

/// Phased genotypes of 300 Europeans at 24,990 sites of 20:1,000,226-3,999,849, with frequencies
/// among 503.
pub(crate) const PHASED: &str = "phased.vcf.gz";

/// Every package. `fixtures/demo/SOURCES.md` names versions and licences.
pub(crate) const PACKAGES: &[Package] = &[
    Package {
        path: "v/vt/vt-examples_0.57721+ds-3_all.deb",
        sha256: "277c0ef50f4cda40f2dd837f90b6d837155ecd5b8889797683fe63375b017b56",
        size: 18_358_872,
        files: &[PackagedFile {
            path: "usr/share/doc/vt/examples/ref/20.fa.gz",
            name: CHROMOSOME_20,
        }],
    },
    Package {
        path: "s/shapeit4/shapeit4-example_4.2.2+dfsg-1_all.deb",
        sha256: "bebc6d5e77a326256e936e85078493c623cb2786570449dd3377c506c7d1b26f",
        size: 52_265_188,
        files: &[PackagedFile {
            path: "usr/share/doc/shapeit4/examples/test/reference.vcf.gz",
            name: PHASED,
        }],
    },
    Package {
        path: "s/smalt/smalt-examples_0.7.6-12_all.deb",
        sha256: "ffb01b7ff91cd29bd45c980cdeea90d986146dd2e907fd9e365d3a8fa75b0751",
        size: 71_871_348,
        files: &[PackagedFile {
            path: "usr/share/doc/smalt/test/data/hs37chrXtrunc.fa.gz",
            name: OTHER_SEQUENCE[0],
        }],
    },
    Package {
        path: "a/augustus/augustus-doc_3.5.0+dfsg-2_all.deb",
        sha256: "8427ef32b4f345dc336066215390572f242c79818bcb6a709df87b4be43fc71b",
        size: 23_670_984,
        files: &[
            PackagedFile {
                path: "usr/share/doc/augustus/tutorial/data/chr3.42M.fa",
                name: OTHER_SEQUENCE[1],
            },
            PackagedFile {
                path: "usr/share/doc/augustus/tutorial/data/chr4.103M.fa",
                name: OTHER_SEQUENCE[2],
            },
            PackagedFile {
                path: "usr/share/doc/augustus/tutorial/data/chr5.124M.fa",
                name: OTHER_SEQUENCE[3],
            },
        ],
    },
];
