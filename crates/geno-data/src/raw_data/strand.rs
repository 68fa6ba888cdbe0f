//! Which strand a call was read from.

use geno_core::Base;

use super::{call::CallFault, genotype::Alleles};

/// What is done with calls that fit the reference on the other strand alone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum StrandRule {
    /// All alleles are of the reference's strand, as the services say. Calls that fit better on the
    /// other one are flagged and left as they are; where the allele map contradicts them, they are
    /// set aside.
    #[default]
    Plus,
    /// Such calls are complemented, and flagged. A/T and C/G sites never are: there the alleles of
    /// both strands are the same.
    Auto,
}

/// What a record's flags say of its strand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mark {
    None,
    /// REF and the called bases are A and T, or C and G.
    Ambiguous,
    /// Read from the other strand.
    Flipped,
    /// REF is among the complements of the called bases and not among them.
    Suspect,
}

/// Decides how a call reads on the strand of the reference.
///
/// `known` are the alternates of the site, none where nobody knows them.
pub(crate) fn on_reference_strand(
    called: Alleles<Base>,
    reference: Base,
    known: &[Base],
    rule: StrandRule,
) -> Result<(Alleles<Base>, Mark), CallFault> {
    let flipped = called.map(Base::complement);
    let fits = |alleles: Alleles<Base>| {
        alleles
            .iter()
            .all(|base| base == reference || known.contains(&base))
    };
    let partner = reference.complement();
    let is_symmetric = called.contains(partner)
        && called
            .iter()
            .all(|base| base == reference || base == partner)
        && (known.is_empty() || known.contains(&partner));
    if is_symmetric {
        return Ok((called, Mark::Ambiguous));
    }
    if known.is_empty() {
        return Ok(match rule {
            _ if called.contains(reference) || !flipped.contains(reference) => (called, Mark::None),
            StrandRule::Auto => (flipped, Mark::Flipped),
            StrandRule::Plus => (called, Mark::Suspect),
        });
    }
    match rule {
        _ if fits(called) => Ok((called, Mark::None)),
        StrandRule::Auto if fits(flipped) => Ok((flipped, Mark::Flipped)),
        _ => Err(CallFault::OtherAlleles),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::genotype::Genotype, *};

    fn read(
        called: &str,
        reference: Base,
        known: &[Base],
        rule: StrandRule,
    ) -> Result<(String, Mark), CallFault> {
        let Some(Genotype::Bases(called)) = Genotype::parse(called) else {
            panic!("{called} are no bases");
        };
        let (alleles, mark) = on_reference_strand(called, reference, known, rule)?;
        let text = alleles.iter().map(|base| char::from(base.letter()));
        Ok((text.collect(), mark))
    }

    #[test]
    fn symmetric_sites_are_flagged_and_never_flipped() {
        use Base::{A, C, G, T};
        for rule in [StrandRule::Plus, StrandRule::Auto] {
            for (called, reference) in [("TT", A), ("AT", A), ("TA", T), ("G", C), ("CG", G)] {
                let expected = Ok((called.to_owned(), Mark::Ambiguous));
                assert_eq!(read(called, reference, &[], rule), expected);
            }
            let hom_ref = Ok(("AA".to_owned(), Mark::None));
            assert_eq!(read("AA", A, &[], rule), hom_ref);
        }
    }

    #[test]
    fn only_auto_reads_a_call_from_the_other_strand() {
        use Base::{A, G, T};
        // On the other strand this is A and G.
        assert_eq!(
            read("TC", A, &[], StrandRule::Plus),
            Ok(("TC".into(), Mark::Suspect))
        );
        assert_eq!(
            read("TC", A, &[], StrandRule::Auto),
            Ok(("AG".into(), Mark::Flipped))
        );
        // A homozygous alternate fits on both.
        assert_eq!(
            read("CC", A, &[], StrandRule::Auto),
            Ok(("CC".into(), Mark::None))
        );
        // Unless the alternates are known.
        assert_eq!(
            read("CC", A, &[G], StrandRule::Auto),
            Ok(("GG".into(), Mark::Flipped))
        );
        assert_eq!(
            read("TT", A, &[G], StrandRule::Auto),
            Ok(("AA".into(), Mark::Flipped))
        );
        assert_eq!(
            read("CC", A, &[G], StrandRule::Plus),
            Err(CallFault::OtherAlleles)
        );
        assert_eq!(
            read("CC", A, &[T], StrandRule::Auto),
            Err(CallFault::OtherAlleles)
        );
        assert_eq!(
            read("AG", A, &[G, T], StrandRule::Plus),
            Ok(("AG".into(), Mark::None))
        );
    }
}
