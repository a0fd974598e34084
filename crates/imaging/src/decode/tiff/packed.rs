//! Codecs that unpack byte by byte: LZW, deflate, PackBits, and none.

use std::io::{self, ErrorKind};
use std::ops::Range;

use flate2::{Decompress, FlushDecompress, Status};
use weezl::{BitOrder, LzwStatus, decode};

use crate::probe::TiffCompression;

/// Unpacks part of a file.
pub(super) struct PackedBytes {
    /// The bytes of the file that were not unpacked yet.
    stored: Range<usize>,
    is_low_bit_first: bool,
    codec: Codec,
}

enum Codec {
    None,
    Lzw(Box<decode::Decoder>),
    Deflate(Box<Decompress>),
    PackBits(PackBits),
}

/// What is left of a run or of a string of literals.
#[derive(Clone, Copy)]
enum PackBits {
    Run { byte: u8, left: usize },
    Literals { left: usize },
}

/// Bytes that are given to a codec at a time, if their bits must be reversed first.
const REVERSED_BYTES: usize = 4096;

impl PackedBytes {
    pub(super) fn new(compression: TiffCompression, stored: Range<usize>, is_low_bit_first: bool) -> Self {
        let codec = match compression {
            TiffCompression::Lzw => {
                let codes = decode::Configuration::with_tiff_size_switch(BitOrder::Msb, 8);
                Codec::Lzw(Box::new(codes.with_yield_on_full_buffer(true).build()))
            }
            TiffCompression::Deflate => Codec::Deflate(Box::new(Decompress::new(true))),
            TiffCompression::PackBits => Codec::PackBits(PackBits::Literals { left: 0 }),
            _ => Codec::None,
        };
        PackedBytes { stored, is_low_bit_first, codec }
    }

    /// Fills `out`. `file` is the same for every call.
    pub(super) fn read_exact(&mut self, file: &[u8], out: &mut [u8]) -> io::Result<()> {
        let mut filled = 0;
        while filled < out.len() {
            let mut reversed = [0; REVERSED_BYTES];
            let stored = &file[self.stored.clone()];
            let stored = if self.is_low_bit_first {
                let len = stored.len().min(REVERSED_BYTES);
                reversed[..len].iter_mut().zip(stored).for_each(|(out, byte)| *out = byte.reverse_bits());
                &reversed[..len]
            } else {
                stored
            };
            let Progress { consumed, written } = self.codec.unpack(stored, &mut out[filled..])?;
            if consumed == 0 && written == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            self.stored.start += consumed;
            filled += written;
        }
        Ok(())
    }
}

struct Progress {
    consumed: usize,
    written: usize,
}

impl Codec {
    /// Unpacks some bytes. Neither are consumed nor written if there are no more.
    fn unpack(&mut self, stored: &[u8], out: &mut [u8]) -> io::Result<Progress> {
        match self {
            Codec::None => {
                let len = stored.len().min(out.len());
                out[..len].copy_from_slice(&stored[..len]);
                Ok(Progress { consumed: len, written: len })
            }
            Codec::Lzw(codes) => {
                let decoded = codes.decode_bytes(stored, out);
                let progress = Progress { consumed: decoded.consumed_in, written: decoded.consumed_out };
                match decoded.status {
                    Ok(LzwStatus::Ok) => Ok(progress),
                    // The pixels before an end code or an invalid code are valid.
                    _ if progress.written > 0 => Ok(progress),
                    _ => Err(ErrorKind::UnexpectedEof.into()),
                }
            }
            Codec::Deflate(inflate) => {
                let (read, wrote) = (inflate.total_in(), inflate.total_out());
                let status = inflate.decompress(stored, out, FlushDecompress::None);
                let len = |total: u64| usize::try_from(total).unwrap_or(0);
                let (consumed, written) = (len(inflate.total_in() - read), len(inflate.total_out() - wrote));
                match status {
                    Ok(Status::Ok | Status::StreamEnd | Status::BufError) => Ok(Progress { consumed, written }),
                    Err(error) => Err(io::Error::new(ErrorKind::InvalidData, error)),
                }
            }
            Codec::PackBits(state) => Ok(state.unpack(stored, out)),
        }
    }
}

impl PackBits {
    fn unpack(&mut self, stored: &[u8], out: &mut [u8]) -> Progress {
        let (mut consumed, mut written) = (0, 0);
        while written < out.len() {
            match self {
                PackBits::Run { byte, left: left @ 1.. } => {
                    let len = (*left).min(out.len() - written);
                    out[written..written + len].fill(*byte);
                    written += len;
                    *left -= len;
                }
                PackBits::Literals { left: left @ 1.. } => {
                    let literals = &stored[consumed..];
                    let len = (*left).min(out.len() - written).min(literals.len());
                    out[written..written + len].copy_from_slice(&literals[..len]);
                    written += len;
                    consumed += len;
                    *left -= len;
                    if len == 0 {
                        break;
                    }
                }
                _ => match stored[consumed..] {
                    [count @ 0..=127, ..] => {
                        *self = PackBits::Literals { left: usize::from(count) + 1 };
                        consumed += 1;
                    }
                    [128, ..] => consumed += 1,
                    [count, byte, ..] => {
                        *self = PackBits::Run { byte, left: 257 - usize::from(count) };
                        consumed += 2;
                    }
                    _ => break,
                },
            }
        }
        Progress { consumed, written }
    }
}
