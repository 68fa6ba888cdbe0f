//! The rows of real VCF files.

use std::error::Error;

use geno_data::VcfReader;
use geno_kits::kit;

#[test]
fn every_row_of_the_common_variants_is_read() -> Result<(), Box<dyn Error>> {
    let vcf = VcfReader::open(kit("kit1/variants/common.eur.sites.vcf.gz"))?;

    let mut n_rows = 0;
    for row in vcf {
        row?;
        n_rows += 1;
    }

    assert_eq!(n_rows, 24_990);
    Ok(())
}
