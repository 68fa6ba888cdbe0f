//! Arguments about how variants are scored.

use clap::ValueEnum;
use geno_encoder::TokenDomain;
use geno_runtime::{LikelihoodDelta, LikelihoodLevel, Phases, Recipe, Strands};

use crate::{failure::UsageError, strands_arg::StrandsName};

#[derive(clap::Args)]
pub(super) struct RecipeArgs {
    /// How variants are scored
    #[arg(long, value_enum, value_name = "NAME", default_value = "centered")]
    recipe: RecipeName,

    /// Bases of a window, or left of a variant [default: 8192, right-end 24000, legacy 12288]
    #[arg(long, value_name = "N")]
    window_bp: Option<u64>,

    /// What means are taken over [default: base]
    #[arg(long, value_enum, value_name = "NAME")]
    level: Option<LevelName>,

    /// In which directions a window is read [default: both]
    #[arg(long, value_enum, value_name = "NAME")]
    strands: Option<StrandsName>,

    /// In how many of the six 6-mer phases a window is read [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=6))]
    phases: Option<u8>,

    /// Among which tokens probabilities are shared [default: all that the checkpoint holds, which
    /// `legacy` needs to be the vocabulary]
    #[arg(long, value_enum, value_name = "NAME")]
    softmax: Option<SoftmaxName>,
}

#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
enum RecipeName {
    /// Mean log-likelihood of the window around a variant
    Centered,
    /// Probability of the base after what lies left of it; substitutions alone
    RightEnd,
    /// Sum over all tokens of a window and its closing tag, as geno-lewm 0.2.1 has it
    Legacy,
}

#[derive(Clone, Copy, ValueEnum)]
enum LevelName {
    /// 6-mers
    Token,
    /// Bases, from sums over 6-mers
    Base,
}

#[derive(Clone, Copy, ValueEnum)]
enum SoftmaxName {
    /// All of them, text included
    Vocabulary,
    /// Tags and 6-mers
    Dna,
}

impl RecipeArgs {
    pub(super) fn recipe(&self) -> Result<Recipe, UsageError> {
        let recipe = match self.recipe {
            RecipeName::Centered => Recipe::Centered {
                window_bp: self.window_bp.unwrap_or(Recipe::CENTERED.window_bp()),
                delta: LikelihoodDelta {
                    level: match self.level {
                        Some(LevelName::Token) => LikelihoodLevel::Token,
                        Some(LevelName::Base) | None => LikelihoodLevel::Base,
                    },
                    strands: self.strands.map_or(Strands::Both, Strands::from),
                    phases: self
                        .phases
                        .and_then(|n| Phases::new(n.into()))
                        .unwrap_or(Phases::ONE),
                },
            },
            RecipeName::RightEnd => Recipe::RightEnd {
                context_bp: self.window_bp.unwrap_or(Recipe::RIGHT_END.window_bp()),
            },
            RecipeName::Legacy => Recipe::Legacy {
                window_bp: self.window_bp.unwrap_or(Recipe::LEGACY.window_bp()),
            },
        };
        let given = [
            ("--level", self.level.is_some()),
            ("--strands", self.strands.is_some()),
            ("--phases", self.phases.is_some()),
        ];
        match given.iter().find(|(_, is_given)| *is_given) {
            Some((flag, _)) if recipe.delta().is_none() => Err(UsageError(format!(
                "`{flag}` is for means over windows, which recipe {recipe} does not take"
            ))),
            _ => Ok(recipe),
        }
    }

    /// Among which tokens probabilities are shared, where that is asked for or must be so.
    pub(super) fn domain(&self) -> Result<Option<TokenDomain>, UsageError> {
        let recipe = self.recipe()?;
        match self.softmax {
            Some(_) if recipe.is_of_6_mers() => Err(UsageError(
                "`--softmax` is for recipes by token: bases are shared among 6-mers alone"
                    .to_owned(),
            )),
            Some(SoftmaxName::Vocabulary) => Ok(Some(TokenDomain::Vocabulary)),
            Some(SoftmaxName::Dna) => Ok(Some(TokenDomain::Dna)),
            None if self.recipe == RecipeName::Legacy => Ok(Some(TokenDomain::Vocabulary)),
            None => Ok(None),
        }
    }
}
