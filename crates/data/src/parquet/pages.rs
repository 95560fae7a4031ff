//! Pages of a column, whose claims are held against their bytes before memory is given for them.
//!
//! A dictionary gets room for as many values as its header claims, up to 2³¹, and an allocation
//! that fails ends the process.

use ::parquet::basic::Encoding;
use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::ParquetError;

/// The pages of a column that are what they claim to be.
pub(super) struct Checked {
    pages: Box<dyn PageReader>,
    /// The fewest bytes that a value takes in a dictionary.
    value_bytes: usize,
}

impl Checked {
    pub(super) fn new(pages: Box<dyn PageReader>, value_bytes: usize) -> Self {
        Self { pages, value_bytes }
    }

    fn check(&self, page: &Page) -> Result<(), ParquetError> {
        let (found, bytes) = (page.num_values(), page.buffer().len());
        if page.is_dictionary_page() && found as usize > bytes / self.value_bytes {
            return Err(ParquetError::General(format!(
                "a dictionary of {bytes} bytes claims {found} values"
            )));
        }
        // Their pages claim a number of lengths once more, in the data, and get room for it.
        match page.encoding() {
            found @ (Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY) => {
                Err(ParquetError::General(format!(
                    "values are encoded as {found}, expected plain or dictionary encoding"
                )))
            }
            _ => Ok(()),
        }
    }
}

impl PageReader for Checked {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        let page = self.pages.get_next_page()?;
        page.iter().try_for_each(|page| self.check(page))?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        self.pages.skip_next_page()
    }
}

impl Iterator for Checked {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}
