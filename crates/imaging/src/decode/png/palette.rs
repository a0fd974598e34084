//! The palette and the transparency, as the decoder gets them.

use super::chunks::chunk;
use super::header::{ColourType, ImageHeader};

/// PLTE of an indexed picture, and tRNS.
pub(super) struct Palette {
    image: ImageHeader,
    /// Red, green and blue of each colour.
    colours: Option<Vec<u8>>,
    /// Of an indexed picture, the alpha of its first colours. Of another picture, the colour that is transparent.
    transparency: Option<Vec<u8>>,
}

impl Palette {
    pub(super) fn new(image: ImageHeader) -> Self {
        Palette { image, colours: None, transparency: None }
    }

    pub(super) fn has_colours(&self) -> bool {
        self.colours.is_some()
    }

    /// Whether a palette may have so many bytes: 3 for each of 1 to 256 colours.
    pub(super) fn is_valid_len(len: u32) -> bool {
        (3..=768).contains(&len) && len.is_multiple_of(3)
    }

    pub(super) fn set_colours(&mut self, colours: Vec<u8>) {
        self.colours = Some(colours);
    }

    /// Takes the data of a tRNS chunk if it is valid, and the first one.
    pub(super) fn add_transparency(&mut self, data: Vec<u8>) {
        let is_valid = match self.image.colour_type {
            ColourType::Indexed => self.has_colours() && (1..=256).contains(&data.len()),
            ColourType::Grey => (2..=256).contains(&data.len()),
            ColourType::Rgb => (6..=256).contains(&data.len()),
            ColourType::GreyAlpha | ColourType::Rgba => false,
        };
        if is_valid && self.transparency.is_none() {
            self.transparency = Some(data);
        }
    }

    /// The chunks for the decoder.
    pub(super) fn into_chunks(mut self) -> Vec<u8> {
        if let Some(colours) = &mut self.colours {
            complete(colours, self.transparency.as_mut(), 1 << self.image.depth);
        }
        let chunks = [(*b"PLTE", self.colours), (*b"tRNS", self.transparency)];
        chunks.into_iter().flat_map(|(name, data)| data.map(|data| chunk(name, &data)).unwrap_or_default()).collect()
    }
}

/// Repeats the last colour and its alpha until there are `count`, so that every pixel has a colour.
fn complete(colours: &mut Vec<u8>, alphas: Option<&mut Vec<u8>>, count: usize) {
    let found = colours.len() / 3;
    let last = colours[colours.len() - 3..].repeat(count.saturating_sub(found));
    colours.extend(last);
    if let Some(alphas) = alphas {
        alphas.truncate(found);
        if let (true, Some(&last)) = (alphas.len() == found, alphas.last()) {
            alphas.resize(count.max(found), last);
        }
    }
}
