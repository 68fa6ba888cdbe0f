//! The action encoder over bases on the kernels against its definition in Burn.

use burn::tensor::Device;
use geno_core::RandomStream;
use geno_kernels::Kernel;
use geno_predictor::{
    BaseActionConfig, BaseActionEncoder, EncodeEditsError, NativeBaseActionEncoder, Network,
    PlacedEdit,
};
use geno_weights::{WeightFile, write_weights};
use proptest::prelude::*;
use rand::RngExt;
use rayon::ThreadPoolBuilder;

use crate::{
    misfits,
    native::{MAGNIFIED, edits, farthest},
};

fn drawn(config: &BaseActionConfig) -> (BaseActionEncoder, Vec<u8>) {
    let mut stream = RandomStream::new(8, "actions");
    let mut weights = BaseActionEncoder::init(config, &mut stream, &Device::default())
        .unwrap()
        .to_weights();
    for tensor in weights.iter_mut().filter(|t| t.name.starts_with("norms")) {
        let moved = |value: &mut f32| *value += stream.random_range(-0.3..0.3);
        tensor.values.iter_mut().for_each(moved);
    }
    let bytes = write_weights(&weights).unwrap();
    let mut file = WeightFile::parse(bytes.as_slice()).unwrap();
    let encoder = BaseActionEncoder::load(&mut file, config, &Device::default()).unwrap();
    (encoder, bytes)
}

fn native(bytes: &[u8], config: &BaseActionConfig, kernel: Kernel) -> NativeBaseActionEncoder {
    let mut file = WeightFile::parse(bytes).unwrap();
    NativeBaseActionEncoder::load(&mut file, config, kernel, &Device::default()).unwrap()
}

/// Edits and the window they stand in, some far from the centre that they are seen from.
fn with_placed<T>(n: usize, max_window_bp: usize, work: impl FnOnce(&[PlacedEdit<'_>]) -> T) -> T {
    let mut stream = RandomStream::new(9, "window");
    let window: Vec<u8> = (0..max_window_bp)
        .map(|_| b"ACGTN"[stream.random_range(0..5)])
        .collect();
    let edits = edits(n, max_window_bp);
    let placed: Vec<_> = edits
        .iter()
        .map(|edit| {
            let locus = stream.random_range(0..max_window_bp);
            PlacedEdit::in_window(edit, &window, locus)
        })
        .collect();
    work(&placed)
}

fn farthest_from_definition(config: &BaseActionConfig, kernel: Kernel, n: usize) -> f32 {
    let (burn, bytes) = drawn(config);
    with_placed(n, config.max_window_bp, |placed| {
        let expected = burn
            .encode_each(placed.iter().copied())
            .unwrap()
            .into_data();
        let expected: Vec<f32> = expected.iter::<f32>().collect();
        let native = native(&bytes, config, kernel);
        let tensor = native.encode_each(placed).unwrap();
        assert_eq!(tensor.dims(), [n, config.d_action]);
        let actions = native.encode(placed).unwrap();
        assert_eq!(
            tensor.into_data().iter::<f32>().collect::<Vec<_>>(),
            actions
        );
        farthest(&actions, &expected)
    })
}

prop_compose! {
    fn configs()(
        d_action in 1usize..40,
        half_d_pos in 1usize..20,
        d_hidden in 1usize..70,
    ) -> BaseActionConfig {
        BaseActionConfig {
            d_pos: 2 * half_d_pos,
            d_hidden,
            max_window_bp: 600,
            ..BaseActionConfig::new(d_action)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn actions_are_those_of_the_definition(config in configs(), n in 1usize..60) {
        for kernel in Kernel::available() {
            let apart = farthest_from_definition(&config, kernel, n);
            prop_assert!(apart <= MAGNIFIED, "{kernel}: {apart:e}");
        }
    }

    #[test]
    fn an_action_is_alone(config in configs(), n in 1usize..200, kept in 1usize..200) {
        let (_, bytes) = drawn(&config);
        let native = native(&bytes, &config, Kernel::detect());
        with_placed(n, config.max_window_bp, |placed| {
            let encode = |threads, placed: &[PlacedEdit<'_>]| {
                let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let actions = pool.install(|| native.encode(placed)).unwrap();
                actions.iter().map(|value| value.to_bits()).collect::<Vec<_>>()
            };
            let all = encode(3, placed);
            let last = encode(1, &placed[n.saturating_sub(kept)..]);
            prop_assert_eq!(&all[all.len() - last.len()..], last);
            Ok(())
        })?;
    }
}

#[test]
fn the_default_network_agrees_within_the_fifth_place() {
    let apart = farthest_from_definition(&BaseActionConfig::new(256), Kernel::detect(), 100);
    assert!(apart <= 1e-5, "{apart:e}");
}

#[test]
fn far_edits_are_refused_and_none_are_no_actions() {
    let config = BaseActionConfig {
        d_hidden: 8,
        max_window_bp: 600,
        ..BaseActionConfig::new(3)
    };
    let (_, bytes) = drawn(&config);
    let native = native(&bytes, &config, Kernel::detect());
    assert_eq!(native.encode_each(&[]).unwrap().dims(), [0, 3]);
    let far = geno_action::RelEdit::new(600, "A", "C").unwrap();
    let error = native
        .encode(&[PlacedEdit::centered(&far, b"")])
        .unwrap_err();
    let expected = EncodeEditsError::PositionTooLarge {
        rel_pos: 600,
        max_window_bp: 600,
    };
    assert_eq!(error, expected);
}

#[test]
fn files_of_other_networks_are_refused_as_by_the_definition() {
    let config = BaseActionConfig {
        d_pos: 2,
        d_hidden: 6,
        ..BaseActionConfig::new(3)
    };
    let (burn, _) = drawn(&config);
    for config in [config.clone(), BaseActionConfig { d_pos: 3, ..config }] {
        misfits::are_refused_alike(
            &burn.to_weights(),
            |file| BaseActionEncoder::load(file, &config, &Device::default()),
            |file| {
                NativeBaseActionEncoder::load(file, &config, Kernel::detect(), &Device::default())
            },
        );
    }
}
