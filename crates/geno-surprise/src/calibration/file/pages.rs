//! The pages of a file, walked header by header before any is decoded.

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use super::{
    CalibrationLimit, MAX_PAGE_BYTES, MAX_ROWS, MAX_VALUES,
    page_header::{DATA_PAGE, DICTIONARY_PAGE, PageHeader},
    read::ReadCalibrationError,
};

const PLAIN: i64 = 0;
const PLAIN_DICTIONARY: i64 = 2;
const RLE_DICTIONARY: i64 = 8;

/// What the pages walked so far hold.
#[derive(Default)]
struct Totals {
    bytes: u64,
    values: u64,
}

/// Checks that every page lies in the file, is of a kind that tables are written with, comes
/// behind the dictionary it may need, and that all together stay within the limits.
pub(super) fn check_pages(
    file: &[u8],
    metadata: &ParquetMetaData,
) -> Result<(), ReadCalibrationError> {
    let groups = metadata.row_groups();
    CalibrationLimit::check("row groups", groups.len() as u64, MAX_ROWS)?;
    let mut n_rows = 0;
    let mut totals = Totals::default();
    for group in groups {
        let rows = u64::try_from(group.num_rows()).map_err(|_| ReadCalibrationError::Corrupt)?;
        n_rows = rows.saturating_add(n_rows);
        for chunk in group.columns() {
            totals.add_chunk(file, chunk)?;
        }
    }
    CalibrationLimit::check("rows", n_rows, MAX_ROWS)?;
    Ok(())
}

impl Totals {
    fn add_chunk(
        &mut self,
        file: &[u8],
        chunk: &ColumnChunkMetaData,
    ) -> Result<(), ReadCalibrationError> {
        let start = chunk.dictionary_page_offset();
        let start = start.unwrap_or(chunk.data_page_offset());
        let mut rest = usize::try_from(start)
            .ok()
            .zip(usize::try_from(chunk.compressed_size()).ok())
            .and_then(|(start, len)| file.get(start..start.checked_add(len)?))
            .ok_or(ReadCalibrationError::Corrupt)?;

        let mut has_dictionary = false;
        while !rest.is_empty() {
            let (header, header_len) =
                PageHeader::parse(rest).ok_or(ReadCalibrationError::Corrupt)?;
            self.add_page(&header)?;
            let is_dictionary = header.kind == DICTIONARY_PAGE;
            has_dictionary |= is_dictionary;
            // Only a column of nulls has a dictionary without values, and then without bytes.
            let is_empty = header.n_values == 0;
            let is_empty_dictionary = is_dictionary && header.uncompressed_bytes == 0;
            if is_empty && !is_empty_dictionary || header.encoding != PLAIN && !has_dictionary {
                return Err(ReadCalibrationError::Corrupt);
            }
            let len = usize::try_from(header.compressed_bytes).ok();
            rest = len
                .and_then(|len| rest.get(header_len.checked_add(len)?..))
                .ok_or(ReadCalibrationError::Corrupt)?;
        }
        Ok(())
    }

    fn add_page(&mut self, header: &PageHeader) -> Result<(), ReadCalibrationError> {
        if !is_supported(header) {
            return Err(ReadCalibrationError::Page {
                kind: header.kind,
                encoding: header.encoding,
            });
        }
        let size = |value| u64::try_from(value).map_err(|_| ReadCalibrationError::Corrupt);
        self.bytes = self.bytes.saturating_add(size(header.uncompressed_bytes)?);
        self.values = self.values.saturating_add(size(header.n_values)?);
        CalibrationLimit::check("uncompressed bytes", self.bytes, MAX_PAGE_BYTES)?;
        CalibrationLimit::check("values", self.values, MAX_VALUES)?;
        Ok(())
    }
}

/// Whether a page is data of version 1 or a dictionary, plain or by dictionary.
fn is_supported(header: &PageHeader) -> bool {
    let encodings: &[i64] = match header.kind {
        DATA_PAGE => &[PLAIN, PLAIN_DICTIONARY, RLE_DICTIONARY],
        DICTIONARY_PAGE => &[PLAIN, PLAIN_DICTIONARY],
        _ => &[],
    };
    header.is_complete && encodings.contains(&header.encoding)
}
