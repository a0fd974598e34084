//! Which source rows the filter reads for each output row. Columns work the same way.

use std::ops::Range;

use resample::LOBES;

/// Maps output rows to the source rows that the filter reads for them.
pub(super) struct FilterWindow {
    /// Where the first output row begins in the source, in source rows.
    start: f64,
    /// Source rows per output row, at least 1.
    scale: f64,
    source_len: u32,
    len: u32,
}

impl FilterWindow {
    /// For `len` output rows that are made from the `span` source rows after `start`.
    pub(super) fn new(start: f64, span: f64, len: u32, source_len: u32) -> Self {
        FilterWindow { start, scale: span / f64::from(len), source_len, len }
    }

    /// Source rows per output row.
    pub(super) fn scale(&self) -> f64 {
        self.scale
    }

    /// Where an output row begins in the source. The filter reads some rows before it, too.
    pub(super) fn start_of(&self, row: u32) -> f64 {
        self.start + f64::from(row) * self.scale
    }

    /// The source rows that the filter reads for `count` output rows from `first`.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates at 0, as intended
    pub(super) fn source_rows(&self, first: u32, count: u32) -> Range<u32> {
        // One more row at each end, because the sum of rounded fractions may be a little too small.
        let reach = LOBES * self.scale.max(1.0) + 1.0;
        let start = self.start_of(first) + self.scale / 2.0 - reach;
        let end = self.start_of(first + count) - self.scale / 2.0 + reach;
        start.floor() as u32..(end.ceil() as u32).min(self.source_len)
    }

    /// The source rows that the filter reads for all output rows.
    pub(super) fn all_source_rows(&self) -> Range<u32> {
        self.source_rows(0, self.len)
    }

    /// At least as many rows as the filter reads for any one output row.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(super) fn max_source_rows(&self) -> usize {
        (2.0 * (LOBES * self.scale.max(1.0) + 1.0)).ceil() as usize + 2
    }
}
