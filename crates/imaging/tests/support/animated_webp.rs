//! A slow decoder of animated WebP that follows RFC 9649. Another decoder than libwebp decodes the frames' pictures.
//!
//! (The `image` crate's own decoder of animations does not apply the frames' disposal methods.)

use image::{ImageFormat, RgbaImage};

/// The canvases of an animation.
pub(crate) struct AnimatedWebp {
    pub(crate) loop_count: u16,
    /// The canvas with each frame, and for how many ms it is shown.
    pub(crate) frames: Vec<(RgbaImage, u32)>,
}

/// Reads an animation. Returns `None` for a still.
pub(crate) fn read(webp: &[u8]) -> Option<AnimatedWebp> {
    let chunks = chunks(&webp[12..]);
    let find = |wanted: &[u8; 4]| chunks.iter().find(|(name, _)| name == wanted).map(|it| it.1);
    let (header, animation) = (find(b"VP8X")?, find(b"ANIM")?);
    let mut canvas = RgbaImage::new(u24(&header[4..]) + 1, u24(&header[7..]) + 1);
    let mut frames = Vec::new();
    for (_, frame) in chunks.iter().filter(|(name, _)| name == b"ANMF") {
        let (left, top) = (u24(frame) * 2, u24(&frame[3..]) * 2);
        let (duration_ms, flags) = (u24(&frame[12..]), frame[15]);
        let patch = still(&frame[16..]);
        assert_eq!(patch.dimensions(), (u24(&frame[6..]) + 1, u24(&frame[9..]) + 1));

        let blends = flags & 2 == 0;
        for (x, y, pixel) in patch.enumerate_pixels() {
            let under = canvas.get_pixel_mut(left + x, top + y);
            under.0 = if blends { over(pixel.0, under.0) } else { pixel.0 };
        }
        frames.push((canvas.clone(), duration_ms));
        if flags & 1 != 0 {
            for (x, y, _) in patch.enumerate_pixels() {
                canvas.get_pixel_mut(left + x, top + y).0 = [0; 4];
            }
        }
    }
    Some(AnimatedWebp { loop_count: u16::from_le_bytes([animation[4], animation[5]]), frames })
}

/// Alpha blending without premultiplication, by the formula of RFC 9649, section 2.7.1.1.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates, as intended
fn over(src: [u8; 4], dst: [u8; 4]) -> [u8; 4] {
    let [src_alpha, dst_alpha] = [src[3], dst[3]].map(|alpha| f64::from(alpha) / 255.0);
    let alpha = src_alpha + dst_alpha * (1.0 - src_alpha);
    if alpha == 0.0 {
        return [0; 4];
    }
    let blended = |at: usize| {
        let (src, dst) = (f64::from(src[at]) * src_alpha, f64::from(dst[at]) * dst_alpha);
        (src + dst * (1.0 - src_alpha)) / alpha
    };
    [blended(0), blended(1), blended(2), alpha * 255.0].map(|level| level.round() as u8)
}

/// Decodes the chunks of a frame as a file.
fn still(chunks: &[u8]) -> RgbaImage {
    let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
    if chunks.starts_with(b"ALPH") {
        let vp8 = self::chunks(chunks)[1].1;
        let side = |at: usize| u16::from_le_bytes([vp8[at], vp8[at + 1]]) - 1;
        file.extend(b"VP8X\x0A\0\0\0\x10\0\0\0");
        for side in [side(6), side(8)] {
            file.extend([side.to_le_bytes().as_slice(), &[0]].concat());
        }
    }
    file.extend(chunks);
    let riff_len = u32::try_from(file.len() - 8).unwrap();
    file[4..8].copy_from_slice(&riff_len.to_le_bytes());
    image::load_from_memory_with_format(&file, ImageFormat::WebP).unwrap().into_rgba8()
}

fn chunks(mut bytes: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let mut chunks = Vec::new();
    while bytes.len() >= 8 {
        let len = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
        chunks.push((bytes[..4].try_into().unwrap(), &bytes[8..8 + len]));
        bytes = &bytes[8 + len + len % 2..];
    }
    chunks
}

fn u24(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0])
}
