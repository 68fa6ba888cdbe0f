//! The networks of a whole published-style model directory, on forty scored variants.

use burn::tensor::Tensor;
use geno_action::RelEdit;
use geno_core::Dtype;
use geno_kernels::Kernel;
use geno_predictor::{
    ActionEncoderConfig, NativePredictor, PlacedEdit, PredictorConfig, StatePredictor,
};
use geno_weights::WeightFile;

use crate::golden::{Golden, assert_close, bytes, edit_encoders, json, predictors};

#[test]
fn scored_variants_have_the_actions_and_predictions_of_the_reference() {
    let config = PredictorConfig {
        n_cross_layers: 3,
        ..PredictorConfig::new(64, 64)
    };
    let predictors = predictors("model/predictor.safetensors.gz", &config);
    let encoders = edit_encoders(
        "model/action_encoder.safetensors.gz",
        &ActionEncoderConfig::new(64),
    );
    let golden = Golden::read("score_golden.safetensors");

    let variants = json("score_golden.json")["variants"].clone();
    let edits: Vec<RelEdit> = variants
        .as_array()
        .unwrap()
        .iter()
        .map(|variant| {
            let position = variant["rel_pos"].as_u64().unwrap() as usize;
            let text = |key: &str| variant[key].as_str().unwrap().to_uppercase();
            RelEdit::new(position, &text("ref"), &text("alt")).unwrap()
        })
        .collect();
    assert_eq!(edits.len(), 40);

    let column = |which| {
        let rows = (0..40).map(|i| golden.tensor::<1>(&format!("v{i}.{which}")));
        Tensor::<1>::stack::<2>(rows.collect(), 0)
    };
    let edits = edits.iter().map(|edit| PlacedEdit::centered(edit, b""));
    let edits: Vec<_> = edits.collect();
    for (predictor, encoder) in predictors.iter().zip(encoders) {
        let actions = encoder.encode_each(&edits).unwrap();
        assert_close("actions", actions.clone(), column("action"));
        let predicted = predictor.predict_single(column("state"), actions);
        assert_close("predictions", predicted, column("prediction"));
    }

    let scores = |predicted: Tensor<2>| {
        let apart = predicted - column("target");
        apart.square().sum_dim(1).sqrt()
    };
    for kernel in Kernel::available() {
        let mut file = WeightFile::parse(bytes("model/predictor.safetensors.gz")).unwrap();
        let native = NativePredictor::load(&mut file, &config, Dtype::Bf16, kernel).unwrap();
        let predicted = native.predict_single(column("state"), column("action"));
        let moved = scores(predicted) - scores(column("prediction"));
        let farthest = moved.abs().max().into_scalar::<f32>();
        // Scores are near 6; products round to 8 bits.
        assert!((1e-6..5e-3).contains(&farthest), "{kernel}: {farthest:e}");
    }
}
