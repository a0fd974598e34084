//! Which parts of a file are read to decode a picture, in the order of the file.
//!
//! A file is read once, from its start to its end. The bytes of a tile are kept from when they are read until the tile
//! is decoded. Most writers store tiles in the order in which they are decoded: then one tile is kept at a time.

use std::ops::Range;

use super::description::CodedImage;

/// A part of the file that holds the bytes of tiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CodedSpan {
    pub(crate) range: Range<u64>,
    /// How many extents of tiles lie in it. More than one if they overlap.
    pub(crate) uses: usize,
}

/// All parts of the file that are read, sorted and disjoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CodedSpans {
    pub(crate) spans: Vec<CodedSpan>,
    /// The extents of the tiles, in the order in which tiles are decoded.
    order: Vec<Range<u64>>,
}

impl CodedSpans {
    /// The parts of the file that these pictures are made of.
    pub(crate) fn of<'i>(images: impl IntoIterator<Item = &'i CodedImage>) -> Self {
        // By the row of pixels at which the tile begins.
        let mut tiles = Vec::new();
        for image in images {
            for (index, tile) in (0u32..).zip(&image.tiles) {
                let top = u64::from(index / image.columns) * u64::from(image.tile.height);
                tiles.push((top, &image.extents[tile.extents.clone()]));
            }
        }
        tiles.sort_by_key(|&(top, _)| top);
        let order: Vec<Range<u64>> = tiles.into_iter().flat_map(|(_, extents)| extents).cloned().collect();

        let mut sorted = order.clone();
        sorted.sort_unstable_by_key(|extent| (extent.start, extent.end));
        let mut spans = Vec::<CodedSpan>::new();
        for range in sorted {
            match spans.last_mut().filter(|last| range.start < last.range.end) {
                Some(last) => {
                    last.range.end = last.range.end.max(range.end);
                    last.uses += 1;
                }
                None => spans.push(CodedSpan { range, uses: 1 }),
            }
        }
        CodedSpans { spans, order }
    }

    /// The span that contains an extent.
    pub(crate) fn index_of(spans: &[CodedSpan], extent: &Range<u64>) -> Option<usize> {
        let index = spans.partition_point(|span| span.range.end <= extent.start);
        spans.get(index).filter(|span| span.range.start <= extent.start && extent.end <= span.range.end).map(|_| index)
    }

    /// The most bytes that are kept at a time, of a file of this length.
    pub(crate) fn max_held(&self, source_byte_len: u64) -> u64 {
        let len = |range: &Range<u64>| range.end.min(source_byte_len).saturating_sub(range.start);
        let (mut uses, mut next) = (self.spans.iter().map(|span| span.uses).collect::<Vec<_>>(), 0);
        let (mut held, mut most) = (0, 0);
        for extent in &self.order {
            let Some(index) = CodedSpans::index_of(&self.spans, extent) else { continue };
            while next <= index {
                held += len(&self.spans[next].range);
                next += 1;
            }
            most = most.max(held);
            uses[index] -= 1;
            if uses[index] == 0 {
                held -= len(&self.spans[index].range);
            }
        }
        // The bytes of a tile are copied out of their span, and once more by the decoder.
        const COPIES: u64 = 2;
        most + COPIES * self.order.iter().map(len).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(order: &[Range<u64>]) -> CodedSpans {
        let tile = |index| super::super::description::Tile { config: 0, extents: index..index + 1 };
        let size = crate::Size::new(8, 8);
        CodedSpans::of(&[CodedImage {
            size,
            tile: size,
            columns: 1,
            tiles: (0..order.len()).map(tile).collect(),
            configs: Vec::new(),
            extents: order.to_vec(),
        }])
    }

    #[test]
    fn tiles_in_order_are_held_one_at_a_time() {
        let (held, copies) = (100, 2 * 100);
        assert_eq!(spans(&[0..100, 100..200, 200..300]).max_held(1000), held + copies);
        assert_eq!(spans(&[0..100, 100..200, 200..300]).spans.len(), 3);
    }

    #[test]
    fn tiles_in_reverse_order_are_all_held() {
        assert_eq!(spans(&[200..300, 100..200, 0..100]).max_held(1000), 300 + 2 * 100);
    }

    #[test]
    fn extents_that_overlap_are_held_once() {
        let spans = spans(&[0..100, 50..150, 0..100]);
        assert_eq!(spans.spans, [CodedSpan { range: 0..150, uses: 3 }]);
        assert_eq!(spans.max_held(1000), 150 + 2 * 100);
        assert_eq!(spans.max_held(120), 120 + 2 * 100);
    }
}
