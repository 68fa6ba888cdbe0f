//! Losses against the likelihoods of the exported checkpoint.

use std::sync::Arc;

use burn::tensor::Device;
use geno_action::Site;
use geno_core::{Dtype, StateContract, Window};
use geno_encoder::{CarbonConfig, NativeLikelihood, TokenDomain, Yarn};
use geno_kernels::Kernel;
use geno_training::{LanguageModel, Objective};
use geno_weights::WeightDtype;

use crate::tiny::{config, model, tokens, windows};

/// Logits up to 30 are rounded to 24 bits, along other orders of summing.
const TOLERANCE: f64 = 2e-5;

fn loss(model: &LanguageModel, windows: &[Vec<u8>], objective: Objective, device: &Device) -> f64 {
    let loss = model.loss(tokens(windows, device), objective);
    f64::from(loss.into_scalar::<f32>())
}

fn assert_losses_are_likelihoods(config: &CarbonConfig, device: &Device) {
    let model = model(config, device);
    let files = model.to_checkpoint(WeightDtype::F32).unwrap();
    let native =
        NativeLikelihood::load(files, TokenDomain::Dna, Dtype::F32, Kernel::detect()).unwrap();

    let windows = windows(3, 70);
    let site = |bases: &Vec<u8>| {
        Site::new(Arc::new(Window::new(0, bases.clone()).unwrap()), Vec::new()).unwrap()
    };
    let sites: Vec<Site> = windows.iter().map(site).collect();
    let found = native.sites(&sites, StateContract::L2NormalizedV2).unwrap();
    let mean = |of: fn(&geno_encoder::WindowLikelihood) -> f64| {
        let sum: f64 = found.iter().map(|site| of(&site.reference)).sum();
        -sum / found.len() as f64
    };

    let tokens = loss(&model, &windows, Objective::CrossEntropy, device);
    let expected = mean(|window| window.token_mean());
    assert!(
        (tokens - expected).abs() < TOLERANCE * expected,
        "{tokens} {expected}"
    );
    // Its logits differ enough for the loss to be no constant.
    assert!(tokens > 4_107f64.ln() + 0.2, "{tokens}");

    let bases = loss(&model, &windows, Objective::FactorisedNucleotides, device);
    let expected = mean(|window| window.base_mean());
    assert!(
        (bases - expected).abs() < TOLERANCE * expected,
        "{bases} {expected}"
    );
    assert!(bases > 4f64.ln() + 0.02, "{bases}");
}

#[test]
fn losses_are_the_likelihoods_of_the_exported_checkpoint() {
    for device in [Device::flex(), Device::flex().autodiff()] {
        assert_losses_are_likelihoods(&config(), &device);
        let untied = CarbonConfig {
            tied: false,
            n_kv_heads: 4,
            head_dim: 8,
            ..config()
        };
        assert_losses_are_likelihoods(&untied, &device);
        let stretched = CarbonConfig {
            n_kv_heads: 1,
            yarn: Some(Yarn::new(4.0, 64)),
            ..config()
        };
        assert_losses_are_likelihoods(&stretched, &device);
    }
}

#[test]
fn a_token_changes_no_row_before_it() {
    for device in [Device::flex(), Device::flex().autodiff()] {
        let model = model(&config(), &device);
        let whole = windows(2, 200);
        let mut changed = whole.clone();
        // Base 0 of 6-mer 149, which is token 150.
        changed[1][149 * 6] = match changed[1][149 * 6] {
            b'A' => b'C',
            _ => b'A',
        };
        let rows = |windows: &[Vec<u8>]| {
            let hidden = model.hidden(tokens(windows, &device)).into_data();
            let hidden = hidden.as_slice::<f32>().unwrap().to_vec();
            hidden.chunks(24).map(<[f32]>::to_vec).collect::<Vec<_>>()
        };
        let (before, after) = (rows(&whole), rows(&changed));
        let same: Vec<bool> = before.iter().zip(&after).map(|(a, b)| a == b).collect();
        let expected: Vec<bool> = (0..2 * 201).map(|row| row < 201 + 150).collect();
        assert_eq!(same, expected);
    }
}
