//! Lengths of the chromosomes in each build.

use super::{
    super::chromosome::{Chromosome, Placement},
    Build,
};

/// Lengths of chromosomes 1 to 22, X and Y in NCBI36, GRCh37 and GRCh38, as the Genome Reference
/// Consortium and UCSC give them.
const LENGTHS: [[u64; 3]; 24] = [
    [247_249_719, 249_250_621, 248_956_422],
    [242_951_149, 243_199_373, 242_193_529],
    [199_501_827, 198_022_430, 198_295_559],
    [191_273_063, 191_154_276, 190_214_555],
    [180_857_866, 180_915_260, 181_538_259],
    [170_899_992, 171_115_067, 170_805_979],
    [158_821_424, 159_138_663, 159_345_973],
    [146_274_826, 146_364_022, 145_138_636],
    [140_273_252, 141_213_431, 138_394_717],
    [135_374_737, 135_534_747, 133_797_422],
    [134_452_384, 135_006_516, 135_086_622],
    [132_349_534, 133_851_895, 133_275_309],
    [114_142_980, 115_169_878, 114_364_328],
    [106_368_585, 107_349_540, 107_043_718],
    [100_338_915, 102_531_392, 101_991_189],
    [88_827_254, 90_354_753, 90_338_345],
    [78_774_742, 81_195_210, 83_257_441],
    [76_117_153, 78_077_248, 80_373_285],
    [63_811_651, 59_128_983, 58_617_616],
    [62_435_964, 63_025_520, 64_444_167],
    [46_944_323, 48_129_895, 46_709_983],
    [49_691_432, 51_304_566, 50_818_468],
    [154_913_754, 155_270_560, 156_040_895],
    [57_772_954, 59_373_566, 57_227_415],
];

/// Length of the mitochondrion that hg18 and hg19 call `chrM` (NC_001807). Arrays of build 37 and
/// later count on the revised Cambridge sequence of 16,569 bases instead.
pub(crate) const OLD_MITOCHONDRION_LEN: u64 = 16_571;

/// The build whose lengths the chromosomes among these contigs have, if all that are as long as in
/// any build are of the same.
pub(crate) fn build_of_contigs<'a>(
    contigs: impl IntoIterator<Item = (&'a str, u64)>,
) -> Option<Build> {
    let mut builds = contigs.into_iter().filter_map(|(name, len)| {
        let Some(Placement::On(chromosome)) = Chromosome::parse(name) else {
            return None;
        };
        let lengths = LENGTHS.get(chromosome.rank())?;
        let i = lengths.iter().position(|&known| known == len)?;
        Some(Build::ALL[i])
    });
    let first = builds.next()?;
    builds.all(|build| build == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lengths_of_chromosomes_tell_the_build() {
        let build = |contigs: &[(&str, u64)]| build_of_contigs(contigs.iter().copied());
        assert_eq!(build(&[("chr20", 63_025_520)]), Some(Build::Grch37));
        assert_eq!(
            build(&[("1", 248_956_422), ("MT", 16_569), ("GL000191.1", 5)]),
            Some(Build::Grch38)
        );
        assert_eq!(build(&[("20", 4_010_000)]), None);
        assert_eq!(build(&[("1", 248_956_422), ("2", 243_199_373)]), None);
        assert_eq!(build(&[("2", 248_956_422)]), None);
    }
}
