//! libaom's AV1 decoder, for the frames of a still picture.

use std::ffi::c_int;
use std::mem::zeroed;
use std::ptr;

use libaom_sys::{
    AOM_CODEC_MEM_ERROR, AOM_CODEC_OK, AOM_DECODER_ABI_VERSION, AOM_IMG_FMT_HIGHBITDEPTH, AV1D_SET_OPERATING_POINT,
    AV1D_SET_OUTPUT_ALL_LAYERS, aom_codec_av1_dx, aom_codec_control, aom_codec_ctx_t, aom_codec_dec_cfg_t,
    aom_codec_dec_init_ver, aom_codec_decode, aom_codec_destroy, aom_codec_err_t, aom_codec_get_frame, aom_image_t,
};

use crate::Size;
use crate::probe::heif::Layout;

/// Why a frame could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// The data are damaged, or libaom does not support them.
    Damaged,
    /// libaom got no memory.
    OutOfMemory,
}

/// A decoder, and the frame that it decoded last.
pub(crate) struct Decoder {
    context: aom_codec_ctx_t,
    frame: Option<Frame>,
}

impl Decoder {
    /// A decoder of all layers of an operating point, 0–31. It has one thread, so memory is that of one picture.
    pub(crate) fn new(operating_point: u8) -> Result<Self, DecodeError> {
        // 8-bit pictures are decoded to 8 bits. The size is taken from the data.
        let config = aom_codec_dec_cfg_t { threads: 1, w: 0, h: 0, allow_lowbitdepth: 1 };
        // SAFETY: the struct has only integers and pointers, for which zero is valid.
        let mut context: aom_codec_ctx_t = unsafe { zeroed() };
        // SAFETY: the context is zero, and libaom copies the configuration. If this fails, the context must not be
        // destroyed.
        check(unsafe { aom_codec_dec_init_ver(&mut context, aom_codec_av1_dx(), &config, 0, ABI_VERSION) })?;
        let mut decoder = Decoder { context, frame: None };
        decoder.set(AV1D_SET_OPERATING_POINT, c_int::from(operating_point.min(31)))?;
        decoder.set(AV1D_SET_OUTPUT_ALL_LAYERS, 1)?;
        Ok(decoder)
    }

    /// Sets a control that takes an `int`. Both controls above do.
    fn set(&mut self, control: u32, value: c_int) -> Result<(), DecodeError> {
        let control = c_int::try_from(control).map_err(|_| DecodeError::Damaged)?;
        // SAFETY: `new` initialised the context, and these controls read an `int`.
        check(unsafe { aom_codec_control(&mut self.context, control, value) })
    }

    /// Decodes the OBUs of one frame. Afterwards, [`frame`](Self::frame) is the last one of them that is shown.
    pub(crate) fn decode(&mut self, obus: &[u8]) -> Result<(), DecodeError> {
        self.frame = None;
        // SAFETY: `new` initialised the context. libaom reads no further than the given length, and keeps no pointer to
        // the data.
        check(unsafe { aom_codec_decode(&mut self.context, obus.as_ptr(), obus.len(), ptr::null_mut()) })?;
        let mut seen = ptr::null();
        // SAFETY: the call returns images until none is left. Each is valid until the next call of it. The last one is
        // valid until the next call of `aom_codec_decode`, or until the context is destroyed: then the frame is gone.
        while let Some(image) = unsafe { aom_codec_get_frame(&mut self.context, &mut seen).as_ref() } {
            self.frame = Frame::new(*image);
        }
        Ok(())
    }

    /// The frame that was decoded last, if it is shown.
    pub(crate) fn frame(&self) -> Option<&Frame> {
        self.frame.as_ref()
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: `new` initialised the context, and only this destroys it.
        unsafe { aom_codec_destroy(&mut self.context) };
    }
}

/// A decoded frame, in memory of its decoder. It is only lent by it.
pub(crate) struct Frame {
    image: aom_image_t,
    size: Size,
    layout: Layout,
    bits: u8,
}

impl Frame {
    /// `None` if the image is not of a kind that this module knows.
    fn new(image: aom_image_t) -> Option<Self> {
        let layout = match (image.monochrome != 0, image.x_chroma_shift, image.y_chroma_shift) {
            (true, ..) => Layout::Grey,
            (_, 1, 1) => Layout::Half,
            (_, 1, 0) => Layout::HalfWidth,
            (_, 0, 0) => Layout::Full,
            _ => return None,
        };
        let bits = u8::try_from(image.bit_depth).ok()?;
        let is_wide = image.fmt & AOM_IMG_FMT_HIGHBITDEPTH != 0;
        let size = Size::new(image.d_w, image.d_h);
        let planes = if layout == Layout::Grey { 1 } else { 3 };
        let has_planes = image.planes.iter().take(planes).all(|plane| !plane.is_null());
        let is_known = matches!((bits, is_wide), (8, false) | (10 | 12, true)) && size.width > 0 && size.height > 0;
        (is_known && has_planes).then_some(Frame { image, size, layout, bits })
    }

    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    /// Bits of a sample: 8, 10 or 12.
    pub(crate) fn bits(&self) -> u8 {
        self.bits
    }

    pub(crate) fn spatial_id(&self) -> u32 {
        self.image.spatial_id.try_into().unwrap_or(0)
    }

    /// The size of a plane: 0 is luma, 1 and 2 are blue and red chroma.
    pub(crate) fn plane_size(&self, plane: usize) -> Size {
        if plane == 0 { self.size } else { self.layout.chroma_size(self.size) }
    }

    /// A row of samples of 8 bits. Empty if the samples have more bits, or the plane does not have that row.
    pub(crate) fn row(&self, plane: usize, y: u32) -> &[u8] {
        if self.bits == 8 { self.samples(plane, y) } else { &[] }
    }

    /// A row of samples of 10 or 12 bits. Empty if the samples have 8 bits, or the plane does not have that row.
    pub(crate) fn wide_row(&self, plane: usize, y: u32) -> &[u16] {
        if self.bits == 8 { &[] } else { self.samples(plane, y) }
    }

    /// `T` has the size of a sample.
    fn samples<T>(&self, plane: usize, y: u32) -> &[T] {
        let size = self.plane_size(plane.min(2));
        let (Some(&first), true) = (self.image.planes.get(plane), y < size.height) else { return &[] };
        let (Ok(row), Ok(stride)) = (isize::try_from(y), isize::try_from(self.image.stride[plane])) else { return &[] };
        // SAFETY: the plane has as many rows as its size says, `stride` bytes apart, and each has the plane's width. libaom
        // aligns samples of 16 bits to 2 bytes. The decoder lends the frame, and does not write to it meanwhile.
        unsafe {
            let start = first.cast_const().offset(row * stride).cast::<T>();
            debug_assert!(start.is_aligned());
            std::slice::from_raw_parts(start, size.width as usize)
        }
    }
}

#[allow(clippy::cast_possible_wrap)] // a small number: the header defines it as unsigned, and the call takes it as signed
const ABI_VERSION: c_int = AOM_DECODER_ABI_VERSION as c_int;

fn check(status: aom_codec_err_t) -> Result<(), DecodeError> {
    match status {
        AOM_CODEC_OK => Ok(()),
        AOM_CODEC_MEM_ERROR => Err(DecodeError::OutOfMemory),
        _ => Err(DecodeError::Damaged),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ffi::libaom::{Planes, encode};

    #[test]
    fn a_frame_that_libaom_encoded_is_decoded_as_it_was() {
        let size = Size::new(3, 5);
        let planes = Planes { size, luma: &[90; 15], chroma: Some([&[100; 6], &[150; 6]]) };
        let mut decoder = Decoder::new(0).unwrap();
        decoder.decode(&encode(planes, 0, 9).unwrap()).unwrap();
        let frame = decoder.frame().unwrap();
        assert_eq!((frame.plane_size(0), frame.layout(), frame.bits()), (size, Layout::Half, 8));
        assert_eq!(frame.row(0, 4), [90; 3]);
        assert_eq!((frame.row(1, 2), frame.row(2, 0)), (&[100; 2][..], &[150; 2][..]));
        assert!(frame.row(0, 5).is_empty() && frame.row(3, 0).is_empty() && frame.wide_row(0, 0).is_empty());
    }

    #[test]
    fn data_that_are_not_av1_are_damaged() {
        for data in [&[][..], &[0; 40], b"not a picture", &[0x12, 0]] {
            let mut decoder = Decoder::new(0).unwrap();
            assert!(decoder.decode(data).is_err() || decoder.frame().is_none(), "{data:?}");
        }
    }
}
