//! Checks of splits that may fail, and why that is right.

use geno_data::SplitCheck;
use geno_provenance::{FieldError, Fields, Json, Label, release::Statement};

use super::facts::{Role, wrong};

/// A check of a split that may fail, and why that is right.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Declared {
    /// Whose splits are used.
    pub(crate) used: Role,
    /// The split that is held out from them.
    pub(crate) held_out: Label,
    pub(crate) check: SplitCheck,
    pub(crate) reason: Statement,
}

impl Declared {
    /// Whether it is about these splits.
    pub(crate) fn is_of(&self, used: Role, held_out: &Label) -> bool {
        self.used == used && self.held_out == *held_out
    }

    pub(crate) fn take_all(fields: &mut Fields) -> Result<Vec<Self>, FieldError> {
        let mut all = Vec::new();
        for mut item in fields.objects("declared")? {
            let used = Role::of(&item.string("used")?);
            let check = item.string("check")?.parse();
            all.push(Self {
                used: used.ok_or_else(|| wrong("declared[].used", Role::EXPECTED))?,
                held_out: item.label("held_out")?,
                check: check.map_err(|_| wrong("declared[].check", "a check of a split"))?,
                reason: Statement::take(&mut item, "reason")?,
            });
            item.finish()?;
        }
        Ok(all)
    }
}

impl From<&Declared> for Json {
    fn from(declared: &Declared) -> Self {
        Self::object([
            ("used", Self::from(declared.used.as_str())),
            ("held_out", Self::from(&declared.held_out)),
            ("check", Self::from(declared.check.as_str())),
            ("reason", Self::from(&declared.reason)),
        ])
    }
}
