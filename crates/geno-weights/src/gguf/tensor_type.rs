//! The types of tensors that GGUF files number.

use crate::WeightFormat;

/// Names by number; the gaps are types that were withdrawn.
const NAMES: [&str; 40] = [
    "F32", "F16", "Q4_0", "Q4_1", "", "", "Q5_0", "Q5_1", "Q8_0", "Q8_1", "Q2_K", "Q3_K", "Q4_K",
    "Q5_K", "Q6_K", "Q8_K", "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ2_S",
    "IQ4_XS", "I8", "I16", "I32", "I64", "F64", "IQ1_M", "BF16", "", "", "", "TQ1_0", "TQ2_0", "",
    "", "", "MXFP4",
];

/// The format of a type's number, or the type's name where it is not read.
pub(super) fn format(kind: u32) -> Result<WeightFormat, String> {
    match kind {
        0 => Ok(WeightFormat::F32),
        1 => Ok(WeightFormat::F16),
        8 => Ok(WeightFormat::Q8_0),
        30 => Ok(WeightFormat::Bf16),
        _ => {
            let name = usize::try_from(kind).ok().and_then(|kind| NAMES.get(kind));
            let name = name.filter(|name| !name.is_empty());
            Err(name.map_or_else(|| kind.to_string(), ToString::to_string))
        }
    }
}
