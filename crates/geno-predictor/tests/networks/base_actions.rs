//! The action encoder over bases.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};
use geno_action::RelEdit;
use geno_core::RandomStream;
use geno_predictor::{BaseActionConfig, BaseActionEncoder, EncodeEditsError, Network, PlacedEdit};
use geno_weights::{WeightFile, write_weights};

fn encoder(config: &BaseActionConfig) -> BaseActionEncoder {
    let stream = &mut RandomStream::new(3, "actions");
    BaseActionEncoder::init(config, stream, &Device::flex()).unwrap()
}

fn config() -> BaseActionConfig {
    BaseActionConfig {
        d_pos: 8,
        d_hidden: 24,
        max_window_bp: 600,
        ..BaseActionConfig::new(5)
    }
}

const WINDOW: &[u8] = b"ACGTTGCAAGCTNACGTTTACGGCATTACG";

fn edit(at: usize, alternate: &str) -> RelEdit {
    let reference = char::from(WINDOW[at]).to_string();
    RelEdit::new(at, &reference, alternate).unwrap()
}

fn difference(a: &Tensor<2>, b: &Tensor<2>) -> f32 {
    (a.clone() - b.clone()).abs().max().into_scalar()
}

#[test]
fn edits_that_the_published_encoder_takes_for_one_differ() {
    let encoder = encoder(&config());
    let of = |edit: &RelEdit| {
        encoder
            .encode_each([PlacedEdit::centered(edit, WINDOW)])
            .unwrap()
    };
    // C at 6 and at 11; runs of A; the same bases in another order.
    let alternates = ["CA", "CAA", "CAAA", "CAAAA", "CACGTTTGGG", "CTTTGGGACG"];
    let edits: Vec<_> = alternates
        .iter()
        .map(|alternate| edit(6, alternate))
        .collect();
    for (i, a) in edits.iter().enumerate() {
        for b in &edits[..i] {
            assert!(difference(&of(a), &of(b)) > 1e-3, "{a:?} {b:?}");
        }
    }
    // One edit, in another place of its 6-mer, and seen from another centre.
    assert!(difference(&of(&edit(6, "A")), &of(&edit(11, "A"))) > 1e-3);
    let one = edit(6, "A");
    let aside = PlacedEdit::in_window(&one, WINDOW, 20);
    assert!(difference(&of(&one), &encoder.encode_each([aside]).unwrap()) > 1e-3);
}

#[test]
fn an_edit_has_the_bits_it_has_alone() {
    let encoder = encoder(&config());
    let edits: Vec<_> = (0..WINDOW.len())
        .filter(|at| WINDOW[*at] != b'N')
        .map(|at| edit(at, if WINDOW[at] == b'G' { "TTA" } else { "GG" }))
        .collect();
    let placed = |edit| PlacedEdit::centered(edit, WINDOW);
    let together = encoder.encode_each(edits.iter().map(placed)).unwrap();
    for (i, edit) in edits.iter().enumerate() {
        let alone = encoder.encode_each([placed(edit)]).unwrap().into_data();
        together
            .clone()
            .narrow(0, i, 1)
            .into_data()
            .assert_eq(&alone, true);
    }
}

#[test]
fn weights_come_back_from_a_file_and_are_as_many_as_the_configuration_says() {
    let (config, encoder) = (config(), encoder(&config()));
    let bytes = write_weights(&encoder.to_weights()).unwrap();
    assert_eq!(encoder.num_params(), config.n_parameters());
    let mut file = WeightFile::parse(bytes).unwrap();
    let again = BaseActionEncoder::load(&mut file, &config, &Device::flex()).unwrap();
    let edit = edit(3, "TAC");
    let of = |encoder: &BaseActionEncoder| {
        encoder
            .encode_each([PlacedEdit::centered(&edit, WINDOW)])
            .unwrap()
            .into_data()
    };
    of(&again).assert_eq(&of(&encoder), true);
}

#[test]
fn lists_are_filled_up_and_far_edits_refused() {
    let encoder = encoder(&config());
    let (a, b) = (edit(0, "T"), edit(4, "C"));
    let rows = [
        [&a, &b]
            .map(|edit| PlacedEdit::centered(edit, WINDOW))
            .to_vec(),
        Vec::new(),
    ];
    let rows: Vec<&[_]> = rows.iter().map(Vec::as_slice).collect();
    let encoded = encoder.forward(&rows).unwrap();
    assert_eq!(encoded.actions.dims(), [2, 2, 5]);
    let mask = encoded.mask.into_data();
    assert_eq!(
        mask.iter::<bool>().collect::<Vec<_>>(),
        [true, true, false, false]
    );
    // Padding is drawn as zeros.
    let padding = encoded
        .actions
        .narrow(0, 1, 1)
        .abs()
        .sum()
        .into_scalar::<f32>();
    assert_eq!(padding, 0.0);
    assert_eq!(encoder.forward(&[]).unwrap().actions.dims(), [0, 0, 5]);

    let far = RelEdit::new(600, "A", "C").unwrap();
    let error = encoder
        .encode_each([PlacedEdit::centered(&far, WINDOW)])
        .unwrap_err();
    let expected = EncodeEditsError::PositionTooLarge {
        rel_pos: 600,
        max_window_bp: 600,
    };
    assert_eq!(error, expected);
}
