//! How to search, and among which edits.

use std::path::PathBuf;

use clap::ValueEnum;
use geno_action::{DEFAULT_EDGE_MARGIN, EditType};
use geno_planning::{
    CemConfig, Cost, EditPrior, EditSpace, ExhaustiveConfig, GuideSites, MctsConfig, Nuclease,
    NucleaseError, PamSide, Restrictions, SearchConfig, Solver, Strands,
};

use super::start::{Inputs, Start};
use crate::failure::Failure;

#[derive(clap::Args)]
pub(super) struct SearchArgs {
    /// How candidates are chosen
    #[arg(long, value_name = "NAME", default_value = "cem")]
    pub(super) solver: SolverName,

    /// Edits of a plan, at most
    #[arg(long, value_name = "N", default_value_t = 5)]
    horizon: usize,

    /// Candidates of a generation (cem), or descents of a step (mcts)
    #[arg(long, value_name = "N", default_value_t = 1_024)]
    samples: usize,

    /// Generations, at most (cem)
    #[arg(long, value_name = "N", default_value_t = 5)]
    iterations: usize,

    /// Candidates that the next generation is learned from (cem)
    #[arg(long, value_name = "N", default_value_t = 64)]
    elite: usize,

    /// Share of the old distribution in the new one (cem)
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    smoothing: f64,

    /// Generations or steps without a better plan that end the search
    #[arg(long, value_name = "N", default_value_t = 2)]
    patience: usize,

    /// A plan that is nearer than this ends the search
    #[arg(long, value_name = "DISTANCE", default_value_t = 0.05)]
    stopping_eps: f64,

    /// What edits cost
    #[arg(long, value_name = "NAME", default_value = "count")]
    cost: CostName,

    /// What a unit of cost counts against a unit of distance
    #[arg(long, value_name = "WEIGHT", default_value_t = 0.0)]
    cost_weight: f64,

    /// Candidates that are predicted at once; never changes a result
    #[arg(long, value_name = "N", default_value_t = 256)]
    batch_size: usize,

    /// Types of edits, a comma between them: snv, ins, del, mnv, indel
    #[arg(
        long,
        value_name = "TYPES",
        value_delimiter = ',',
        default_value = "snv",
        value_parser = parse_edit_type
    )]
    pub(super) edit_types: Vec<EditType>,

    /// Bases left alone at either end of the window
    #[arg(long, value_name = "BP", default_value_t = DEFAULT_EDGE_MARGIN)]
    pub(super) edge_margin: usize,

    /// Bases of one bin of positions
    #[arg(long, value_name = "BP", default_value_t = 8)]
    pub(super) position_bin_bp: usize,

    /// Edits lie in these intervals alone
    #[arg(long, value_name = "BED")]
    pub(super) restrict: Option<PathBuf>,

    /// Edits lie near the cut of a nuclease with this PAM: NGG as Cas9, TTTV as Cas12a, other IUPAC
    /// codes behind 20 bases
    #[arg(long, value_name = "PAM")]
    pub(super) pam: Vec<String>,

    /// Strand of the guides
    #[arg(long, value_name = "STRAND", default_value = "both", requires = "pam")]
    pub(super) strand: StrandName,

    /// Bases on either side of a cut in which an edit lies
    #[arg(long, value_name = "BP", default_value_t = 10, requires = "pam")]
    pub(super) reach: usize,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum SolverName {
    /// The cross-entropy method
    Cem,
    /// Monte-Carlo tree search
    Mcts,
    /// Everything there is
    Exhaustive,
}

#[derive(Clone, Copy, ValueEnum)]
enum CostName {
    /// Number of edits
    Count,
    /// Bases changed
    Bp,
    /// SNV 1, INS, DEL and MNV 2, INDEL 3
    #[value(name = "weighted_type")]
    WeightedType,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum StrandName {
    /// The strand of the reference
    Forward,
    /// The other one
    Reverse,
    /// Either
    Both,
}

impl SearchArgs {
    /// What the solver is told.
    pub(super) fn config(&self, seed: u64) -> SearchConfig {
        let solver = match self.solver {
            SolverName::Cem => Solver::Cem(CemConfig {
                n_iterations: self.iterations,
                n_samples: self.samples,
                n_elite: self.elite,
                smoothing: self.smoothing,
                patience: self.patience,
                ..CemConfig::default()
            }),
            SolverName::Mcts => Solver::Mcts(MctsConfig {
                n_simulations: self.samples,
                patience: self.patience,
                ..MctsConfig::default()
            }),
            SolverName::Exhaustive => Solver::Exhaustive(ExhaustiveConfig::default()),
        };
        SearchConfig {
            horizon: self.horizon,
            seed,
            cost: match self.cost {
                CostName::Count => Cost::Count,
                CostName::Bp => Cost::BasePairs,
                CostName::WeightedType => Cost::ByType(Cost::TYPE_WEIGHTS),
            },
            cost_weight: self.cost_weight,
            stopping_eps: self.stopping_eps,
            batch: self.batch_size,
            solver,
        }
    }

    /// How likely edits are at first.
    pub(super) fn prior(&self) -> EditPrior {
        EditPrior {
            position_bin_bp: self.position_bin_bp,
            ..EditPrior::of_types(&self.edit_types)
        }
    }

    /// Where edits may lie.
    pub(super) fn restrictions(
        &self,
        start: &Start,
        inputs: &mut Inputs,
    ) -> Result<Restrictions, Failure> {
        let intervals = match &self.restrict {
            None => None,
            Some(path) => {
                inputs.add("restrict", path)?;
                let on_contig = start.region.read_bed(path, &start.fasta)?;
                let first = start.window.start();
                let in_window = on_contig
                    .into_iter()
                    .map(|range| (range.start - first) as usize..(range.end - first) as usize);
                Some(in_window.collect())
            }
        };
        let nucleases = self.pam.iter().map(|pam| nuclease(pam));
        let nucleases: Vec<_> = nucleases.collect::<Result<_, _>>()?;
        let guides = (!nucleases.is_empty()).then_some(GuideSites {
            nucleases,
            strands: match self.strand {
                StrandName::Forward => Strands::Forward,
                StrandName::Reverse => Strands::Reverse,
                StrandName::Both => Strands::Both,
            },
            reach: self.reach,
        });
        Ok(Restrictions {
            margin: self.edge_margin,
            intervals,
            guides,
        })
    }
}

impl StrandName {
    /// The name used in files.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Reverse => "reverse",
            Self::Both => "both",
        }
    }
}

/// How many candidates a search looks at, if nothing ends it before.
pub(super) fn n_evaluations(config: &SearchConfig, space: &EditSpace) -> u64 {
    let n = match &config.solver {
        Solver::Cem(cem) => cem.n_iterations.saturating_mul(cem.n_samples),
        Solver::Mcts(mcts) => mcts.n_simulations.saturating_mul(config.horizon),
        Solver::Exhaustive(_) => {
            let n = space.n_haplotypes(config.horizon);
            return u64::try_from(n).unwrap_or(u64::MAX);
        }
    };
    (n as u64).saturating_add(1)
}

fn nuclease(pam: &str) -> Result<Nuclease, NucleaseError> {
    let pam = pam.to_ascii_uppercase();
    match pam.as_str() {
        "NGG" => Ok(Nuclease::SP_CAS9),
        "TTTV" => Ok(Nuclease::CAS12A),
        _ => Nuclease::new(pam, PamSide::ThreePrime, 20, 3),
    }
}

fn parse_edit_type(text: &str) -> Result<EditType, String> {
    let is_named = |edit_type: &EditType| edit_type.as_str().eq_ignore_ascii_case(text);
    let found = EditType::ALL.into_iter().find(is_named);
    found.ok_or_else(|| "expected snv, ins, del, mnv or indel".to_owned())
}
