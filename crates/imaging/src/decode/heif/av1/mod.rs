//! AV1 through libaom. An item holds one frame, or one frame for each of its layers.

mod obus;
mod sequence;

use self::obus::{Kind, Obu, Obus, Truncated};
use self::sequence::Sequence;
use super::tile::{DecodedTile, Samples, TileDecoder};
use crate::ffi::libaom_decoder::{DecodeError, Decoder};
use crate::probe::heif::{CodecConfig, Layout, Nclx};
use crate::time_budget::TimeBudget;
use crate::{Rejection, RenderError, Size};

/// Decodes tiles, each for itself.
pub(super) struct Av1Decoder;

impl TileDecoder for Av1Decoder {
    fn decode(
        &mut self,
        config: &CodecConfig,
        coded: &[u8],
        size: Size,
        budget: &TimeBudget,
    ) -> Result<Box<dyn DecodedTile>, RenderError> {
        let (frames, sequence) = split(coded, config, size)?;
        let mut decoder = Decoder::new(config.operating_point).map_err(decoder_error)?;
        let highest = sequence.max_spatial_ids[usize::from(config.operating_point.min(31))];
        for frame in frames {
            // A frame cannot be interrupted: its pixels bound its time.
            budget.check()?;
            decoder.decode(&frame).map_err(decoder_error)?;
            let layer = decoder.frame().map(|frame| frame.spatial_id());
            // Layers above the wanted one need not be decoded.
            if layer.is_some_and(|layer| config.layer.map_or(layer >= highest, |wanted| layer == u32::from(wanted))) {
                break;
            }
        }
        let (size, layout, bits, layer) = match decoder.frame() {
            Some(frame) => (frame.plane_size(0), frame.layout(), frame.bits(), frame.spatial_id()),
            None => return Err(damaged("they have no picture").into()),
        };
        match config.layer {
            Some(wanted) if u32::from(wanted) != layer => {
                Err(damaged(format_args!("they have no layer {wanted}")).into())
            }
            _ => Ok(Box::new(Av1Tile { decoder, size, layout, bits, code_points: sequence.code_points })),
        }
    }
}

/// The data of each frame, and the sequence header. They are checked against what the file says: memory was estimated
/// from that.
fn split(coded: &[u8], config: &CodecConfig, size: Size) -> Result<(Vec<Vec<u8>>, Sequence), Rejection> {
    let (mut frames, mut sequence): (Vec<Vec<u8>>, Option<Sequence>) = Default::default();
    // The OBUs that stand before the header of a frame.
    let mut before = Vec::new();
    for obu in Obus(coded) {
        match obu {
            Ok(Obu { kind: Kind::TemporalDelimiter, bytes, .. }) => before.extend_from_slice(bytes),
            Ok(Obu { kind: Kind::SequenceHeader, bytes, content }) => {
                let found = Sequence::parse(content).ok_or_else(|| damaged("their header is cut"))?;
                judge(found, config, size)?;
                sequence.get_or_insert(found);
                before.extend_from_slice(bytes);
            }
            Ok(Obu { kind: Kind::FrameStart, bytes, .. }) => {
                if frames.len() == config.max_frames as usize {
                    return Err(damaged(format_args!("they have more than {} frames", config.max_frames)));
                }
                before.extend_from_slice(bytes);
                frames.push(std::mem::take(&mut before));
            }
            Ok(Obu { kind: Kind::FrameRest, bytes, .. }) => {
                let frame = frames.last_mut().ok_or_else(|| damaged("they begin within a frame"))?;
                frame.extend_from_slice(bytes);
            }
            // What lies behind whole frames does not matter. A frame that lacks a part is not shown.
            Err(Truncated) if !frames.is_empty() => break,
            Err(Truncated) => return Err(damaged("they end early")),
        }
    }
    let sequence = sequence.ok_or_else(|| damaged("they have no header"))?;
    Ok((frames, sequence))
}

/// Checks that frames take no more memory than was estimated. Some writers state more chroma than there is.
fn judge(sequence: Sequence, config: &CodecConfig, size: Size) -> Result<(), Rejection> {
    let Sequence { max_size, bits, layout, .. } = sequence;
    if bits > config.bits {
        return Err(damaged(format_args!("they have {bits} bits per sample, the header says {}", config.bits)));
    }
    if layout.chroma_size(size).pixels() > config.layout.chroma_size(size).pixels() {
        return Err(damaged("they have more chroma than the header says"));
    }
    if max_size.width > size.width || max_size.height > size.height {
        return Err(damaged(format_args!("they are for a picture of {max_size}, the header says {size}")));
    }
    Ok(())
}

fn damaged(reason: impl std::fmt::Display) -> Rejection {
    Rejection::corrupt(format_args!("damaged AV1 data: {reason}"))
}

fn decoder_error(error: DecodeError) -> RenderError {
    match error {
        DecodeError::Damaged => damaged("they cannot be decoded").into(),
        DecodeError::OutOfMemory => RenderError::OutOfMemory { step: "decoding AV1" },
    }
}

/// A frame, which its decoder keeps.
struct Av1Tile {
    decoder: Decoder,
    size: Size,
    layout: Layout,
    bits: u8,
    code_points: Nclx,
}

impl DecodedTile for Av1Tile {
    fn size(&self) -> Size {
        self.size
    }

    fn layout(&self) -> Layout {
        self.layout
    }

    fn bits(&self) -> u8 {
        self.bits
    }

    fn code_points(&self) -> Option<Nclx> {
        Some(self.code_points)
    }

    fn row(&self, plane: usize, row: u32) -> Samples<'_> {
        let frame = self.decoder.frame();
        match self.bits {
            8 => Samples::Narrow(frame.map_or(&[], |frame| frame.row(plane, row))),
            _ => Samples::Wide(frame.map_or(&[], |frame| frame.wide_row(plane, row))),
        }
    }
}
