//! An encoder linked where it lies, and fetched from a hub that misbehaves.

#[expect(dead_code, reason = "each test binary uses its part")]
#[path = "network/common.rs"]
mod common;

use std::{collections::BTreeMap, fs, path::Path};

use common::{
    server::{Server, client, head, ranged, send, status},
    tls::Authority,
};
use geno_app::{
    Commit, EncoderError, EncoderFetch, FetchError, HubRepo, fetch_encoder, link_encoder,
    write_record,
};
use geno_core::Digest;
use geno_provenance::{EncoderRecord, Label, Timestamp, encoder_digest};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

type Files = BTreeMap<String, Vec<u8>>;

fn files(pairs: &[(&str, &str)]) -> Files {
    let configs = [("config.json", "{}"), ("dna_config.json", "{\"k\": 6}")];
    let pairs = configs.iter().chain(pairs);
    pairs
        .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
        .collect()
}

fn single() -> Files {
    files(&[("model.safetensors", "weights weights weights")])
}

fn sharded() -> Files {
    let index = r#"{"weight_map": {"a": "b-1.safetensors", "b": "a-2.safetensors"}}"#;
    files(&[
        ("model.safetensors.index.json", index),
        ("b-1.safetensors", "first"),
        ("a-2.safetensors", "second"),
    ])
}

fn hash_of(files: &Files) -> Digest {
    let weights = files
        .iter()
        .filter(|(name, _)| name.ends_with(".safetensors"));
    encoder_digest(weights.map(|(_, bytes)| Digest::of(bytes)).collect())
}

fn serve(authority: &Authority, files: Files) -> Server {
    Server::start(authority, move |_, request, stream| {
        let name = request
            .path
            .strip_prefix(&format!("/o/n/resolve/{COMMIT}/"));
        match name.and_then(|name| files.get(name)) {
            Some(bytes) => ranged(stream, request, bytes, "\"tag\""),
            None => status(stream, "404 Not Found", ""),
        }
    })
}

fn request(server: &Server, cache: &Path, expected: Option<Digest>) -> EncoderFetch {
    EncoderFetch {
        base: server.location(""),
        repo: HubRepo::new("o/n").unwrap(),
        commit: Commit::new(COMMIT).unwrap(),
        cache: cache.to_owned(),
        expected,
    }
}

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

fn time() -> Timestamp {
    Timestamp::from_unix_seconds(0).unwrap()
}

#[test]
fn an_encoder_is_fetched_into_the_cache_of_the_hub() {
    for files in [single(), sharded()] {
        let authority = Authority::new();
        let server = serve(&authority, files.clone());
        let cache = tempfile::tempdir().unwrap();
        let expected = Some(hash_of(&files));
        let request = request(&server, cache.path(), expected);
        let folder = fetch_encoder(&client(&authority), &request, &mut |_, _| ()).unwrap();
        let snapshot = format!("models--o--n/snapshots/{COMMIT}");
        assert_eq!(folder, cache.path().join(snapshot));
        let mut found = Files::new();
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            found.insert(name, fs::read(entry.path()).unwrap());
        }
        assert_eq!(found, files);

        let n_before = server.requests().len();
        fetch_encoder(&client(&authority), &request, &mut |_, _| ()).unwrap();
        let again = server.requests().split_off(n_before);
        assert!(
            again
                .iter()
                .all(|request| request.path.ends_with("/model.safetensors"))
        );
    }
}

#[test]
fn weights_other_than_the_models_get_no_name() {
    for files in [single(), sharded()] {
        let authority = Authority::new();
        let server = serve(&authority, files);
        let cache = tempfile::tempdir().unwrap();
        let request = request(&server, cache.path(), Some(Digest::of(b"others")));
        let error = fetch_encoder(&client(&authority), &request, &mut |_, _| ()).unwrap_err();
        let is_hash = matches!(
            &error,
            EncoderError::Hash { .. }
                | EncoderError::Fetch {
                    source: FetchError::Hash { .. },
                    ..
                }
        );
        assert!(is_hash, "{error:?}");
        let snapshots = cache.path().join("models--o--n/snapshots").join(COMMIT);
        assert_eq!(fs::read_dir(snapshots).unwrap().count(), 0);
    }
}

#[test]
fn a_broken_fetch_goes_on_where_it_stopped() {
    let authority = Authority::new();
    let files = single();
    let served = files.clone();
    let server = Server::start(&authority, move |n, request, stream| {
        let name = request.path.rsplit('/').next().unwrap();
        match n {
            0..=2 => {
                head(stream, "200 OK", "Content-Length: 23\r\nETag: \"tag\"\r\n");
                send(stream, &served["model.safetensors"][..7]);
            }
            _ => ranged(stream, request, &served[name], "\"tag\""),
        }
    });
    let cache = tempfile::tempdir().unwrap();
    let request = request(&server, cache.path(), Some(hash_of(&files)));
    let fetch = || fetch_encoder(&client(&authority), &request, &mut |_, _| ());
    assert!(matches!(fetch(), Err(EncoderError::Fetch { .. })));
    let folder = fetch().unwrap();
    assert_eq!(server.requests()[3].range(), Some(7));
    assert!(folder.join("config.json").exists());
}

#[test]
fn a_list_of_shards_cannot_lead_out_of_the_folder() {
    let authority = Authority::new();
    let index = r#"{"weight_map": {"a": "../../../x.safetensors"}}"#;
    let server = serve(
        &authority,
        files(&[("model.safetensors.index.json", index)]),
    );
    let cache = tempfile::tempdir().unwrap();
    let request = request(&server, cache.path(), None);
    let error = fetch_encoder(&client(&authority), &request, &mut |_, _| ()).unwrap_err();
    assert!(matches!(error, EncoderError::Shards(_)), "{error:?}");
}

#[test]
fn a_linked_encoder_is_hashed_and_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let (model, records) = (folder.path().join("model"), folder.path().join("records"));
    fs::create_dir(&model).unwrap();
    for (name, bytes) in sharded() {
        fs::write(model.join(name), bytes).unwrap();
    }
    let expected = hash_of(&sharded());
    let record = link_encoder(&model, &label("o/n"), None, Some(expected), time()).unwrap();
    assert_eq!(record.hash, expected);
    assert_eq!(record.files.len(), 5);
    let path = write_record(&records, &record).unwrap();
    assert_eq!(path, EncoderRecord::path(&records, expected));
    assert_eq!(
        EncoderRecord::parse(&fs::read(path).unwrap()).unwrap(),
        record
    );

    let other = Some(Digest::of(b"others"));
    let error = link_encoder(&model, &label("o/n"), None, other, time()).unwrap_err();
    assert!(matches!(error, EncoderError::Hash { .. }), "{error:?}");
}

#[test]
fn a_gguf_file_is_linked_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("carbon.gguf");
    fs::write(&file, "weights").unwrap();
    fs::write(folder.path().join("README.md"), "a card").unwrap();
    let hash = Digest::of(b"weights");
    let link = |place: &Path| link_encoder(place, &label("o/n"), None, Some(hash), time());
    let record = link(folder.path()).unwrap();
    assert_eq!((record.hash, record.files.len()), (hash, 1));
    assert_eq!(record.files[0].name, label("carbon.gguf"));

    fs::write(folder.path().join("other.gguf"), "others").unwrap();
    let error = link(folder.path()).unwrap_err();
    assert!(matches!(error, EncoderError::Shards(_)), "{error:?}");
    assert_eq!(link(&file).unwrap(), record);
}

#[test]
fn a_folder_without_an_encoder_is_not_linked() {
    let folder = tempfile::tempdir().unwrap();
    let error = link_encoder(folder.path(), &label("o/n"), None, None, time()).unwrap_err();
    assert!(matches!(error, EncoderError::File { .. }), "{error:?}");
}
