//! Edits near cuts, against a search of the text.

use geno_action::RelEdit;
use geno_core::{RandomStream, Window, reverse_complement};
use geno_planning::{
    EditPrior, EditSpace, GuideSites, Nuclease, PamSide, Restrictions, Sampler, Strands,
};
use proptest::prelude::*;

/// Cuts of Cas9 with a protospacer of 6 bases, read off the text of one strand.
fn cuts(strand: &str) -> Vec<usize> {
    let is_target = |start: &usize| {
        let site = &strand[*start..start + 9];
        site.ends_with("GG") && !site.contains('N')
    };
    let starts = (0..(strand.len() + 1).saturating_sub(9)).filter(is_target);
    starts.map(|start| start + 3).collect()
}

proptest! {
    #[test]
    fn every_edit_lies_within_reach_of_one_cut(
        bases in "[ACGGGTN]{30,60}", reach in 1usize..6, both: bool, seed: u64,
    ) {
        let other = String::from_utf8(reverse_complement(bases.as_bytes())).unwrap();
        let mut expected = cuts(&bases);
        if both {
            expected.extend(cuts(&other).iter().map(|cut| bases.len() - cut));
        }
        let near = |edit: &RelEdit| {
            let holds = |&cut: &usize| edit.rel_pos() + reach >= cut && edit.end() <= cut + reach;
            expected.iter().any(holds)
        };
        let guides = GuideSites {
            nucleases: vec![Nuclease::new("NGG", PamSide::ThreePrime, 6, 3).unwrap()],
            strands: if both { Strands::Both } else { Strands::Forward },
            reach,
        };
        let restrictions = Restrictions { margin: 2, intervals: None, guides: Some(guides) };
        let window = Window::new(0, bases.as_bytes()).unwrap();
        let prior = EditPrior::default();
        let space = EditSpace::new(window.clone().into(), &prior, &restrictions).unwrap();

        let anywhere = Restrictions { margin: 2, ..Restrictions::default() };
        let all = EditSpace::new(window.into(), &EditPrior::of_types(&[geno_action::EditType::Snv]), &anywhere).unwrap();
        let n_snvs = space.iter().take_while(|edit| edit.alternate().len() == 1 && edit.reference().len() == 1).count();
        prop_assert_eq!(n_snvs, all.iter().filter(near).count());

        let haplotype = Sampler::new(&space, 4).sample(&mut RandomStream::new(seed, "guides"));
        prop_assert!(haplotype.edits().iter().all(near));
        prop_assert_eq!(haplotype.edits().is_empty(), space.is_empty());
    }
}
