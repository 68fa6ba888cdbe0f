//! Batch receipts hold for their own receipts, and for no others.

use geno_core::{Coded, ErrorCode};
use geno_provenance::{
    BatchBuilder, BatchError, BatchReceipt, BuildBatchError, InclusionProof, MerkleTree, Receipt,
    ReceiptCheck, ReceiptReader, Timestamp, leaf_hash,
};

const MANIFEST: &[u8] = include_bytes!("../../../fixtures/parity/model/manifest.json");
const STREAM: &str = include_str!("../../../fixtures/parity/receipts.jsonl");

fn receipts() -> Vec<Receipt> {
    let receipts = ReceiptReader::new(STREAM.as_bytes());
    receipts.collect::<Result<_, _>>().unwrap()
}

fn batch(receipts: &[Receipt]) -> BatchReceipt {
    let mut builder = BatchBuilder::new();
    for receipt in receipts {
        builder.push(receipt).unwrap();
    }
    let timestamp = Timestamp::from_unix_seconds(1_767_323_045).unwrap();
    builder.seal(timestamp).unwrap()
}

fn proof(receipts: &[Receipt], index: usize) -> InclusionProof {
    let mut tree = MerkleTree::watching(index as u64);
    for receipt in receipts {
        let line = receipt.to_line();
        tree.push(leaf_hash(&line[..line.len() - 1]));
    }
    tree.into_proof().unwrap()
}

fn check() -> ReceiptCheck {
    ReceiptCheck::new(MANIFEST).unwrap()
}

fn of_stream(batch: &BatchReceipt, stream: &str) -> Result<(), BatchError> {
    batch.check_stream(&check(), stream.as_bytes(), |_, _| {}).1
}

#[test]
fn a_batch_holds_for_its_stream() {
    let batch = batch(&receipts());
    assert_eq!(batch.check(&check()), Ok(()));
    assert_eq!(of_stream(&batch, STREAM), Ok(()));
    assert_eq!(BatchReceipt::parse(&batch.to_line()), Ok(batch));
}

#[test]
fn a_batch_of_a_later_version_is_refused() {
    let line = String::from_utf8(batch(&receipts()).to_line()).unwrap();
    let later = line.replace(r#""schema_version":"1.0.0""#, r#""schema_version":"2.0.0""#);
    let error = BatchReceipt::parse(later.as_bytes()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ConfigSchemaIncompat);
    assert!(error.to_string().contains("1.0.0, found"), "{error}");
}

#[test]
fn a_batch_does_not_hold_for_another_stream() {
    let batch = batch(&receipts());
    let lines: Vec<&str> = STREAM.lines().collect();
    let without_last = lines[..39].join("\n");
    let twice = [lines[0], STREAM].join("\n");
    let mut swapped = lines.clone();
    swapped.swap(3, 4);
    for stream in [&*without_last, &twice] {
        let error = of_stream(&batch, stream).unwrap_err();
        assert!(matches!(error, BatchError::Count { .. }), "{error}");
    }
    let error = of_stream(&batch, &swapped.join("\n")).unwrap_err();
    assert!(matches!(error, BatchError::Root { .. }), "{error}");
    assert_eq!(error.code().exit_code(), 8);
}

#[test]
fn every_receipt_of_a_batch_is_proved_and_no_other() {
    let receipts = receipts();
    let batch = batch(&receipts);
    for index in 0..receipts.len() {
        let proof = proof(&receipts, index);
        assert_eq!(batch.check_proof(&receipts[index], &proof), Ok(()));
        let error = batch.check_proof(&receipts[(index + 1) % 40], &proof);
        assert!(matches!(error, Err(BatchError::Leaf { .. })), "{error:?}");
    }
    let fewer = proof(&receipts[..39], 2);
    let error = batch.check_proof(&receipts[2], &fewer);
    assert!(matches!(error, Err(BatchError::Proof(_))), "{error:?}");
}

#[test]
fn no_changed_byte_of_a_batch_receipt_goes_unnoticed() {
    let (check, line) = (check(), batch(&receipts()).to_line());
    let holds =
        |bytes: &[u8]| BatchReceipt::parse(bytes).is_ok_and(|batch| batch.check(&check).is_ok());
    assert!(holds(&line));
    for at in 0..line.len() {
        for bit in 0..8 {
            let mut changed = line.clone();
            changed[at] ^= 1 << bit;
            assert!(!holds(&changed), "{}", String::from_utf8_lossy(&changed));
        }
        let mut shorter = line.clone();
        shorter.remove(at);
        assert!(!holds(&shorter));
        for byte in *b" \n0" {
            let mut longer = line.clone();
            longer.insert(at, byte);
            assert!(!holds(&longer));
        }
    }
}

#[test]
fn a_batch_is_of_one_run_and_not_empty() {
    let timestamp = Timestamp::from_unix_seconds(0).unwrap();
    let error = BatchBuilder::new().seal(timestamp);
    assert_eq!(error, Err(BuildBatchError::Empty));
    let mut builder = BatchBuilder::new();
    builder.push(&receipts()[0]).unwrap();
    let line = STREAM.lines().nth(1).unwrap();
    let other = line.replace("\"parity-r1\"", "\"parity-r2\"");
    assert_ne!(other, line);
    let error = builder.push(&Receipt::parse(other.as_bytes()).unwrap());
    assert_eq!(error, Err(BuildBatchError::OtherRun { number: 2 }));
}
