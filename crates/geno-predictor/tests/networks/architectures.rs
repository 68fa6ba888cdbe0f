//! Weight files that say what network they hold.

use burn::tensor::Device;
use geno_core::{Coded, ErrorCode, RandomStream};
use geno_predictor::{
    ActionArchitecture, ActionEncoderConfig, Architecture, ArchitectureError, BaseActionConfig,
    CausalConfig, LoadError, PredictorArchitecture, PredictorConfig, StepPositions,
};
use geno_weights::{WeightFile, write_weights, write_weights_with};

fn causal(positions: StepPositions) -> PredictorArchitecture {
    PredictorArchitecture::CausalV2(CausalConfig {
        d_hidden: 8,
        n_heads: 2,
        n_layers: 1,
        ffn_dim: 8,
        positions,
        ..CausalConfig::new(6, 4)
    })
}

fn published() -> PredictorArchitecture {
    PredictorArchitecture::CrossAttentionV1(PredictorConfig {
        d_hidden: 8,
        n_heads: 2,
        ffn_dim: 8,
        ..PredictorConfig::new(6, 4)
    })
}

#[test]
fn a_file_gives_back_the_network_that_was_written() {
    let (device, mut stream) = (Device::flex(), RandomStream::new(3, "architectures"));
    for architecture in [causal(StepPositions::Learned), published()] {
        let weights = architecture.draw(&mut stream, &device).unwrap();
        let bytes = architecture.write(&weights).unwrap();
        let mut file = WeightFile::parse(bytes).unwrap();
        let found = PredictorArchitecture::of(&file).unwrap().unwrap();
        assert_eq!(found, architecture);
        let predictor = found.load(&mut file, &device).unwrap();
        assert_eq!(predictor.d_state(), 6);
    }
    let actions = [
        ActionArchitecture::BaseV2(BaseActionConfig::new(4)),
        ActionArchitecture::KmerV1(ActionEncoderConfig::new(4)),
    ];
    for architecture in actions {
        let weights = architecture.draw(&mut stream, &device).unwrap();
        let mut file = WeightFile::parse(architecture.write(&weights).unwrap()).unwrap();
        assert_eq!(
            ActionArchitecture::of(&file).unwrap().unwrap(),
            architecture
        );
        assert!(architecture.load(&mut file, &device).is_ok());
    }
}

#[test]
fn a_file_of_another_network_is_refused_although_its_tensors_fit() {
    let (device, mut stream) = (Device::flex(), RandomStream::new(3, "architectures"));
    let rotary = causal(StepPositions::Rope);
    let weights = rotary.draw(&mut stream, &device).unwrap();
    let mut file = WeightFile::parse(rotary.write(&weights).unwrap()).unwrap();
    // As many tensors of the same shapes, but other heads.
    let PredictorArchitecture::CausalV2(config) = &rotary else {
        unreachable!()
    };
    let other = PredictorArchitecture::CausalV2(CausalConfig {
        n_heads: 4,
        ..config.clone()
    });
    let error = other.load(&mut file, &device).err().unwrap();
    assert!(matches!(
        error,
        LoadError::Architecture(ArchitectureError::Other { .. })
    ));
    assert!(error.to_string().contains(r#""n_heads":4"#), "{error}");
    assert!(rotary.load(&mut file, &device).is_ok());
}

#[test]
fn published_files_do_not_say_and_nonsense_is_an_error() {
    let (device, mut stream) = (Device::flex(), RandomStream::new(3, "architectures"));
    let architecture = published();
    let weights = architecture.draw(&mut stream, &device).unwrap();
    let mut file = WeightFile::parse(write_weights(&weights).unwrap()).unwrap();
    assert_eq!(PredictorArchitecture::of(&file).unwrap(), None);
    assert!(architecture.load(&mut file, &device).is_ok());

    for text in ["", "{}", r#"{"architecture": "causal_v3"}"#, "[1"] {
        let metadata = [("geno_lewm.architecture".to_owned(), text.to_owned())];
        let bytes = write_weights_with(&weights, &metadata.into()).unwrap();
        let error = PredictorArchitecture::of(&WeightFile::parse(bytes).unwrap()).unwrap_err();
        assert!(matches!(error, ArchitectureError::Malformed(_)), "{text}");
        assert_eq!(error.code(), ErrorCode::ResourceWeights);
    }
}
