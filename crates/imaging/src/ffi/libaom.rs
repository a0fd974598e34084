//! libaom's AV1 encoder, for still pictures.

use std::ffi::{CStr, c_char, c_int};
use std::marker::PhantomData;
use std::mem::zeroed;
use std::ptr;

use libaom_sys::{
    AOM_CICP_CP_BT_709, AOM_CICP_MC_BT_601, AOM_CICP_TC_SRGB, AOM_CODEC_CX_FRAME_PKT, AOM_CODEC_OK, AOM_CR_FULL_RANGE,
    AOM_ENCODER_ABI_VERSION, AOM_IMG_FMT_I420, AOM_Q, AOM_TUNE_SSIM, AOM_USAGE_ALL_INTRA, AOME_SET_CPUUSED,
    AOME_SET_CQ_LEVEL, AOME_SET_TUNING, AV1E_SET_COLOR_PRIMARIES, AV1E_SET_COLOR_RANGE, AV1E_SET_ENABLE_INTRABC,
    AV1E_SET_MATRIX_COEFFICIENTS, AV1E_SET_TRANSFER_CHARACTERISTICS, aom_codec_av1_cx, aom_codec_control,
    aom_codec_ctx_t, aom_codec_destroy, aom_codec_enc_cfg_t, aom_codec_enc_config_default, aom_codec_enc_init_ver,
    aom_codec_encode, aom_codec_err_t, aom_codec_err_to_string, aom_codec_error_detail, aom_codec_get_cx_data,
    aom_image_t,
};

use crate::Size;

/// The planes of a picture for AV1: full range, BT.601, with the primaries and the transfer curve of sRGB.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Planes<'a> {
    pub(crate) size: Size,
    /// One byte per pixel.
    pub(crate) luma: &'a [u8],
    /// Blue and red chroma: one byte for two by two pixels, with odd sides rounded up. `None` for grey.
    pub(crate) chroma: Option<[&'a [u8]; 2]>,
}

/// Encodes one picture as the OBUs of a still.
///
/// `quantizer` is 0–63; 0 is the best quality. `speed` is 0–9; 9 is the fastest.
///
/// # Errors
/// libaom's message, or that the planes do not have the picture's size.
pub(crate) fn encode(planes: Planes<'_>, quantizer: u8, speed: u8) -> Result<Vec<u8>, String> {
    let image = AvifImage::new(planes)?;
    let mut encoder = Encoder::new(planes)?;
    encoder.set(AOME_SET_CPUUSED, speed.into())?;
    encoder.set(AOME_SET_CQ_LEVEL, quantizer.into())?;
    // This gives 2 % fewer bytes at the same SSIM in the same time.
    encoder.set(AOME_SET_TUNING, AOM_TUNE_SSIM)?;
    // Intra block copy finds repeated shapes, such as letters in a drawing. It takes 120 MB, whatever the picture's
    // size.
    encoder.set(AV1E_SET_ENABLE_INTRABC, 0)?;
    encoder.set(AV1E_SET_COLOR_RANGE, AOM_CR_FULL_RANGE)?;
    encoder.set(AV1E_SET_COLOR_PRIMARIES, AOM_CICP_CP_BT_709)?;
    encoder.set(AV1E_SET_TRANSFER_CHARACTERISTICS, AOM_CICP_TC_SRGB)?;
    encoder.set(AV1E_SET_MATRIX_COEFFICIENTS, AOM_CICP_MC_BT_601)?;

    let mut obus = encoder.push(Some(&image))?;
    // `None` flushes the encoder.
    obus.extend(encoder.push(None)?);
    // A temporal delimiter separates the pictures of a stream. A file with one picture must not have it.
    Ok(obus.strip_prefix(&[0x12, 0]).map(<[u8]>::to_vec).unwrap_or(obus))
}

/// libaom's description of borrowed planes.
struct AvifImage<'a> {
    image: aom_image_t,
    borrowed: PhantomData<Planes<'a>>,
}

impl<'a> AvifImage<'a> {
    fn new(planes: Planes<'a>) -> Result<Self, String> {
        let Planes { size, luma, chroma } = planes;
        let half = Size::new(size.width.div_ceil(2), size.height.div_ceil(2));
        let is_whole = |plane: &[u8], size: Size| plane.len() as u64 == size.pixels();
        if !is_whole(luma, size) || !chroma.iter().flatten().all(|plane| is_whole(plane, half)) {
            return Err(format!("the planes do not have the size {size}"));
        }

        // SAFETY: the struct has only integers and pointers, for which zero is valid.
        let mut image: aom_image_t = unsafe { zeroed() };
        image.fmt = AOM_IMG_FMT_I420;
        image.bit_depth = 8;
        image.bps = 12;
        (image.w, image.h) = (size.width, size.height);
        (image.d_w, image.d_h) = (size.width, size.height);
        (image.x_chroma_shift, image.y_chroma_shift) = (1, 1);
        image.monochrome = c_int::from(chroma.is_none());
        // libaom does not read the chroma of a monochrome picture.
        let [blue, red] = chroma.unwrap_or([&[], &[]]);
        // The pointers are mutable because the decoder uses the same struct. The encoder only reads the planes.
        image.planes = [luma, blue, red].map(|plane| plane.as_ptr().cast_mut());
        image.stride = [stride(size)?, stride(half)?, stride(half)?];
        image.range = AOM_CR_FULL_RANGE;
        Ok(AvifImage { image, borrowed: PhantomData })
    }
}

fn stride(size: Size) -> Result<c_int, String> {
    c_int::try_from(size.width).map_err(|error| error.to_string())
}

/// An encoder for one picture.
struct Encoder(aom_codec_ctx_t);

impl Encoder {
    /// Sets up an encoder for planes of this size, with or without chroma.
    fn new(planes: Planes<'_>) -> Result<Self, String> {
        // SAFETY: the structs have only integers, pointers and arrays of them, for which zero is valid.
        let (mut config, mut context): (aom_codec_enc_cfg_t, aom_codec_ctx_t) = unsafe { (zeroed(), zeroed()) };
        // SAFETY: the encoder's own table, and a struct that libaom fills.
        check(unsafe { aom_codec_enc_config_default(aom_codec_av1_cx(), &mut config, AOM_USAGE_ALL_INTRA) })?;
        (config.g_w, config.g_h) = (planes.size.width, planes.size.height);
        config.g_limit = 1;
        config.g_lag_in_frames = 0;
        // With one thread, the bytes are the same every time, and memory is that of one picture.
        config.g_threads = 1;
        config.monochrome = u32::from(planes.chroma.is_none());
        config.rc_end_usage = AOM_Q;
        (config.rc_min_quantizer, config.rc_max_quantizer) = (0, 63);
        // SAFETY: both structs were initialised above. libaom copies the configuration. If this fails, the context must
        // not be destroyed.
        check(unsafe { aom_codec_enc_init_ver(&mut context, aom_codec_av1_cx(), &config, 0, ABI_VERSION) })?;
        Ok(Encoder(context))
    }

    /// Sets a control that takes an `int`. All controls above do.
    fn set(&mut self, control: u32, value: u32) -> Result<(), String> {
        let int = |number: u32| c_int::try_from(number).map_err(|error| error.to_string());
        let (control, value) = (int(control)?, int(value)?);
        // SAFETY: `new` initialised the context, and these controls read an `int`.
        check(unsafe { aom_codec_control(&mut self.0, control, value) })
    }

    /// Encodes a picture, or flushes the encoder. Returns the OBUs that are ready.
    fn push(&mut self, image: Option<&AvifImage<'_>>) -> Result<Vec<u8>, String> {
        let image = image.map_or(ptr::null(), |image| &raw const image.image);
        // SAFETY: `new` initialised the context. `AvifImage::new` checked that the planes are as long as the size and
        // the strides require, and they live as long as the image. This call copies them.
        if unsafe { aom_codec_encode(&mut self.0, image, 0, 1, 0) } != AOM_CODEC_OK {
            return Err(self.error_detail());
        }
        let mut obus = Vec::new();
        let mut seen = ptr::null();
        // SAFETY: the call returns packets until none is left. Each is valid until the next call of
        // `aom_codec_encode`, and its kind says which field of the union is set.
        unsafe {
            while let Some(packet) = aom_codec_get_cx_data(&mut self.0, &mut seen).as_ref() {
                if packet.kind == AOM_CODEC_CX_FRAME_PKT {
                    let frame = packet.data.frame;
                    obus.extend(std::slice::from_raw_parts(frame.buf.cast::<u8>(), frame.sz));
                }
            }
        }
        Ok(obus)
    }

    fn error_detail(&self) -> String {
        // SAFETY: `new` initialised the context. The context owns the text, which is copied here.
        unsafe { text(aom_codec_error_detail(&self.0)) }.unwrap_or_else(|| "libaom gives no reason".to_owned())
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: `new` initialised the context, and only this destroys it.
        unsafe { aom_codec_destroy(&mut self.0) };
    }
}

#[allow(clippy::cast_possible_wrap)] // a small number: the header defines it as unsigned, and the call takes it as signed
const ABI_VERSION: c_int = AOM_ENCODER_ABI_VERSION as c_int;

fn check(status: aom_codec_err_t) -> Result<(), String> {
    if status == AOM_CODEC_OK {
        return Ok(());
    }
    // SAFETY: the text is static.
    Err(unsafe { text(aom_codec_err_to_string(status)) }.unwrap_or_else(|| status.to_string()))
}

/// # Safety
/// `text` is null, or points to a zero-terminated string that lives at least as long as this call.
unsafe fn text(text: *const c_char) -> Option<String> {
    // SAFETY: guaranteed by the caller.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SIZE: Size = Size::new(3, 5);

    #[test]
    fn odd_sizes_and_grey_are_encoded_to_the_same_bytes_every_time() {
        let colourful = Planes { size: SIZE, luma: &[9; 15], chroma: Some([&[1; 6], &[2; 6]]) };
        for planes in [colourful, Planes { chroma: None, ..colourful }] {
            let obus = encode(planes, 20, 9).unwrap();
            assert_eq!(obus[0] >> 3, 1, "the first OBU is a sequence header");
            assert_eq!(encode(planes, 20, 9).unwrap(), obus);
        }
    }

    #[test]
    fn planes_of_another_size_are_refused() {
        let refused = [
            Planes { size: SIZE, luma: &[0; 14], chroma: None },
            Planes { size: SIZE, luma: &[0; 15], chroma: Some([&[0; 6], &[0; 4]]) },
            Planes { size: Size::new(0, 5), luma: &[], chroma: None },
            Planes { size: Size::new(65_537, 1), luma: &[0; 65_537], chroma: None },
        ];
        for planes in refused {
            assert!(encode(planes, 20, 9).is_err(), "{}", planes.size);
        }
    }

    #[test]
    fn a_quantizer_or_a_speed_out_of_range_is_refused() {
        let planes = Planes { size: SIZE, luma: &[0; 15], chroma: None };
        assert!(encode(planes, 64, 9).is_err());
        assert!(encode(planes, 20, 99).is_err());
    }
}
