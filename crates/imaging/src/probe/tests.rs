//! Headers of every format: valid ones, truncated ones, and ones with false values.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::{Format, Orientation, RejectionCode, Size};

/// A TIFF structure with one tag, the orientation.
fn tiff(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    tiff
}

/// A JPEG of 40×30 px with 4:2:0 chroma, up to its first scan. `frame` is the marker of its frame header.
fn jpeg(orientation: Option<u8>, frame: u8) -> Vec<u8> {
    let mut jpeg = b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec();
    if let Some(orientation) = orientation {
        let exif = [b"Exif\0\0".as_slice(), &tiff(orientation)].concat();
        jpeg.extend([0xFF, 0xE1, 0, 2 + u8::try_from(exif.len()).unwrap()]);
        jpeg.extend(exif);
    }
    jpeg.extend(b"\xFF\xDB\0\x43\0");
    jpeg.extend([1; 64]);
    jpeg.extend([0xFF, frame, 0, 17, 8, 0, 30, 0, 40, 3]);
    jpeg.extend([1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]);
    jpeg.extend(b"\xFF\xDA\0\x0C\x03\x01\0\x02\x11\x03\x11\0\x3F\0");
    jpeg
}

fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1A\n".to_vec();
    let header = [0, 0, 0, 40, 0, 0, 0, 30, 8, 2, 0, 0, 0];
    for (name, bytes) in [(b"IHDR", header.as_slice())].iter().chain(chunks) {
        png.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
        png.extend(*name);
        png.extend(*bytes);
        png.extend(crc32fast::hash(&[&name[..], bytes].concat()).to_be_bytes());
    }
    png
}

fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut webp = b"RIFF\0\0\0\0WEBP".to_vec();
    for (name, bytes) in chunks {
        webp.extend(*name);
        webp.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        webp.extend(*bytes);
        webp.extend(vec![0; bytes.len() % 2]);
    }
    let riff_len = u32::try_from(webp.len() - 8).unwrap();
    webp[4..8].copy_from_slice(&riff_len.to_le_bytes());
    webp
}

const LOSSY: &[u8] = b"\x30\x01\0\x9D\x01\x2A\x28\0\x1E\0 pixels";
/// No transform, no colour cache, one group of codes.
const LOSSLESS: &[u8] = &[0x2F, 39, 0x40, 0x07, 0, 0, 2, 3, 4];
/// Bytes that libwebp allocates to decode `LOSSLESS`: its pixels, 17 more rows, and its tables.
const LOSSLESS_BYTES: u64 = 4 * 1200 + 17 * 4 * 40 + 568 + 4 * (630 * 3 + 410 + 654);
/// Bytes assumed for a frame whose header cannot be parsed: two alpha planes, pixels, rows and tiles, and
/// the largest number of code groups for its size.
const WORST_FRAME: u64 = 2 * 1200 + 4 * (1200 + 17 * 40 + 3 * 80) + 1000 * (568 + 4 * (630 * 3 + 410 + 2704));

/// RGB with 8 bits per sample, streamed.
const RGB: DecodedPixels = DecodedPixels { pixel_bytes: 3, has_alpha: false, decoder_bytes: 0 };
/// RGBA with 8 bits per sample, streamed.
const RGBA: DecodedPixels = DecodedPixels { pixel_bytes: 4, has_alpha: true, decoder_bytes: 0 };

fn extended(flags: u8) -> [u8; 10] {
    [flags, 0, 0, 0, 39, 0, 0, 29, 0, 0]
}

fn gif(frames: usize) -> Vec<u8> {
    let mut gif = b"GIF89a\x28\0\x1E\0\x80\0\0\0\0\0\xFF\xFF\xFF".to_vec();
    for _ in 0..frames {
        gif.extend(b"\x21\xF9\x04\0\0\0\0\0\x2C\0\0\0\0\x28\0\x1E\0\0\x02\x03abc\0");
    }
    gif.push(0x3B);
    gif
}

fn header_of(source: &[u8]) -> Header {
    match probe(source, source.len() as u64).unwrap() {
        Probe::Header(header) => header,
        more => panic!("{more:?} of {} bytes", source.len()),
    }
}

fn samples() -> Vec<(&'static str, Vec<u8>, Header)> {
    let with_header_len = |(name, source, header): (_, Vec<u8>, Header)| {
        let position = |mark: &[u8]| source.windows(mark.len()).position(|it| it == mark).unwrap() as u64;
        let header_len = match header.format {
            // The header includes the segment that begins the scan.
            Format::Jpeg => position(b"\xFF\xDA") + 2 + 12,
            // The name of a chunk follows its length.
            Format::Png => position(b"IDAT") - 4,
            _ => 0,
        };
        // Three times the segments of 16, 67, 17 and 12 bytes. EXIF is skipped.
        let header_memory = if header.format == Format::Jpeg { 3 * 112 } else { header.header_memory };
        (name, source, Header { header_len, header_memory, ..header })
    };
    bare_samples().into_iter().map(with_header_len).collect()
}

fn bare_samples() -> Vec<(&'static str, Vec<u8>, Header)> {
    let header = |format, orientation: u8, frames| {
        let orientation = Orientation::try_from(orientation).unwrap();
        let size = orientation.size(Size::new(40, 30));
        Header { format, size, orientation, frames, pixels: RGB, header_len: 0, header_memory: 0 }
    };
    let with = |pixels, header| Header { pixels, ..header };
    let animated = [(b"VP8X", &extended(2)[..]), (b"ANMF", b"12345"), (b"ANMF", b"1234")];
    let turned = [(b"VP8X", &extended(8)[..]), (b"VP8 ", LOSSY), (b"EXIF", &tiff(5))];
    vec![
        ("baseline JPEG", jpeg(None, 0xC0), header(Format::Jpeg, 1, 1)),
        (
            "progressive JPEG",
            jpeg(Some(6), 0xC2),
            // 6×4 blocks, and 3×2 twice.
            with(DecodedPixels { decoder_bytes: 36 * 128, ..RGB }, header(Format::Jpeg, 6, 1)),
        ),
        ("JPEG, orientation 0", jpeg(Some(0), 0xC1), header(Format::Jpeg, 1, 1)),
        ("PNG", png(&[(b"IDAT", b"")]), header(Format::Png, 1, 1)),
        (
            "PNG with a profile",
            png(&[(b"iCCP", b"name\0\0"), (b"IDAT", b"")]),
            Header { header_memory: 12 << 20, ..header(Format::Png, 1, 1) },
        ),
        ("PNG with EXIF", png(&[(b"eXIf", &tiff(8)), (b"IDAT", b"")]), header(Format::Png, 8, 1)),
        ("APNG", png(&[(b"acTL", b"\0\0\0\x05\0\0\0\0"), (b"IDAT", b"")]), header(Format::Png, 1, 1)),
        ("lossy WebP", webp(&[(b"VP8 ", LOSSY)]), header(Format::Webp, 1, 1)),
        (
            "lossless WebP",
            webp(&[(b"VP8L", LOSSLESS)]),
            with(DecodedPixels { decoder_bytes: LOSSLESS_BYTES, ..RGB }, header(Format::Webp, 1, 1)),
        ),
        (
            "animated WebP",
            webp(&animated),
            with(DecodedPixels { decoder_bytes: 8 * 1200 + WORST_FRAME, ..RGBA }, header(Format::Webp, 1, 2)),
        ),
        ("WebP with EXIF", webp(&turned), header(Format::Webp, 5, 1)),
        ("GIF", gif(1), header(Format::Gif, 1, 1)),
        ("animated GIF", gif(7), header(Format::Gif, 1, 7)),
    ]
}

#[test]
fn every_format_is_read() {
    for (name, source, header) in samples() {
        assert_eq!(header_of(&source), header, "{name}");
    }
}

#[test]
fn orientations_5_to_8_swap_the_size() {
    for number in 1..=8 {
        let header = header_of(&jpeg(Some(number), 0xC0));
        let size = if number >= 5 { Size::new(30, 40) } else { Size::new(40, 30) };
        assert_eq!((header.orientation.get(), header.size), (number, size));
    }
}

#[test]
fn as_many_bytes_as_were_asked_for_give_the_same_header() {
    for (name, source, whole) in samples() {
        let source_byte_len = source.len() as u64;
        for given in 0..source.len() {
            match probe(&source[..given], source_byte_len).unwrap() {
                // Frames, and the orientation of a WebP, are known as far as the bytes reach.
                Probe::Header(header) => {
                    assert_eq!(header.format, whole.format, "{name}");
                    assert!(header.pixels.decoder_bytes >= whole.pixels.decoder_bytes, "{name} given {given}");
                }
                Probe::NeedMore { byte_len } => {
                    assert!(byte_len > given as u64 && byte_len <= source_byte_len, "{name}");
                    let enough = usize::try_from(byte_len).unwrap();
                    let header = Probe::Header(whole);
                    assert_eq!(probe(&source[..enough], source_byte_len).unwrap(), header, "{name}");
                }
            }
        }
    }
}

#[test]
fn a_source_that_ends_within_its_header_is_corrupt() {
    for (name, source, _) in samples() {
        let least = if source.starts_with(b"RIFF") { 12 } else { 8 };
        for cut in least..source.len() {
            let Err(rejection) = probe(&source[..cut], cut as u64) else { continue };
            assert_eq!(rejection.code(), RejectionCode::Corrupt, "{name} cut at {cut}: {rejection}");
        }
    }
    assert!(probe(&jpeg(None, 0xC0)[..40], 40).is_err());
    assert!(probe(&png(&[])[..20], 20).is_err());
}

#[test]
fn a_long_header_is_asked_for_and_one_beyond_the_limit_is_rejected() {
    let mut source = b"\xFF\xD8\xFF\xE2\xFF\xFF".to_vec();
    source.extend([0; 90]);
    let source_byte_len = 100_000_000;
    // The next marker is at 4 + 65,535. The step of 64 KiB reaches beyond it.
    let asked = probe(&source, source_byte_len).unwrap();
    assert_eq!(asked, Probe::NeedMore { byte_len: 96 + 65_536 });

    let segment = [b"\xFF\xE2\xFF\xFF".as_slice(), &[0; 65_533]].concat();
    let too_long = [b"\xFF\xD8".as_slice(), &segment.repeat(300)].concat();
    let rejection = probe(&too_long, source_byte_len).unwrap_err();
    assert_eq!(rejection.code(), RejectionCode::Corrupt);
    assert!(rejection.to_string().contains("more than the limit of 16777216"), "{rejection}");
}

#[test]
fn a_png_with_more_text_than_the_limit_still_has_a_size() {
    let mut source = png(&[(b"zTXt", b"")]);
    let text_at = source.len() - 12;
    source[text_at..text_at + 4].copy_from_slice(&90_000_000u32.to_be_bytes());
    let Probe::Header(header) = probe(&source, 100_000_000).unwrap() else { panic!("no header") };
    assert_eq!(header.size, Size::new(40, 30));
}

#[test]
fn other_files_and_unsupported_formats_have_different_codes() {
    use RejectionCode::{Corrupt, Empty, NotAnImage, UnsupportedFormat};
    let docx =
        b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0[Content_Types].xml word/document.xml";
    let dicom = [&[0; 128][..], b"DICM\x02\0\0\0"].concat();
    let emf = [&b"\x01\0\0\0"[..], &[0; 36], b" EMF"].concat();
    let mpeg = [&[b'G'][..], &[0xFF; 187]].concat().repeat(4);
    let tar = [&b"a.txt"[..], &[0; 252], b"ustar\0"].concat();
    let comments =
        [&b"\xEF\xBB\xBF\n<?xml version='1.0'?>\n<!-- "[..], &[b'a'; 2000], b" -->\n<!DOCTYPE svg>\n<svg/>"].concat();
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(b"<svg/>".iter().flat_map(|&byte| [byte, 0])).collect();
    let gzip = |text: &[u8]| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut gzip, text).unwrap();
        gzip.finish().unwrap()
    };
    let (svgz, gzip) = (gzip(b"<?xml version='1.0'?><svg/>"), gzip(b"Dear Sir or Madam"));
    let cases: Vec<(&[u8], RejectionCode, &str)> = vec![
        (b"", Empty, "empty"),
        (b"x", NotAnImage, "not an image, but text"),
        (b"\x01\x02\x03\x04", NotAnImage, "the file is not an image"),
        (b"Dear Sir or Madam, I am writing to", NotAnImage, "not an image, but text"),
        ("naïve café".as_bytes(), NotAnImage, "not an image, but text"),
        (b"BMW is a maker of cars and motorcycles", NotAnImage, "not an image, but text"),
        (b"P5 is the fifth pin of the connector", NotAnImage, "not an image, but text"),
        (b"{\"a\": 1}", NotAnImage, "not an image, but JSON"),
        (b"  [1, 2]", NotAnImage, "not an image, but JSON"),
        (b"<html><body><p>an article</p></body>", NotAnImage, "not an image, but an HTML page"),
        (b"\n<!DOCTYPE HTML><title>a</title><svg/>", NotAnImage, "not an image, but an HTML page"),
        (b"<?xml version='1.0'?><note/>", NotAnImage, "not an image, but an XML document"),
        (b"{\\rtf1\\ansi a}", NotAnImage, "not an image, but an RTF document"),
        (docx, NotAnImage, "not an image, but a Word document"),
        (b"PK\x03\x04\x14\0\0\0\x08\0aaaaaaaaaaaaaaaaaaaaaaaaa", NotAnImage, "not an image, but an archive (ZIP)"),
        (&gzip, NotAnImage, "not an image, but an archive (gzip)"),
        (&tar, NotAnImage, "not an image, but an archive (tar)"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomiso2mp41aaaaaaaa", NotAnImage, "not an image, but a video (MP4)"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  \0\0\0\x08wide", NotAnImage, "not an image, but a video (MOV)"),
        (b"\0\0\x03\x1Fmoov\0\0\0\x6Cmvhd", NotAnImage, "not an image, but a video (MOV)"),
        (b"\0\0\0\x18ftyp3gp5\0\0\0\0", NotAnImage, "not an image, but a video (3GP)"),
        (b"\x1A\x45\xDF\xA3\x01\0\0\0\0\0\0\x1F\x42\x86\x81\x01\x42\x82\x84webm", NotAnImage, "a video (WebM)"),
        (b"\x1A\x45\xDF\xA3\x01\0\0\0\0\0\0\x1F\x42\x82\x88matroska", NotAnImage, "a video (Matroska)"),
        (b"RIFF\x24\0\0\0AVI LIST", NotAnImage, "a video (AVI)"),
        (b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\0\0\0\0\0", NotAnImage, "a sound file (WAV)"),
        (b"\0\0\x01\xBA\x44\0\x04\0", NotAnImage, "a video (MPEG)"),
        (&mpeg, NotAnImage, "a video (MPEG)"),
        (b"ID3\x04\0\0", NotAnImage, "a sound file (MP3)"),
        (b"MZ\x90\0\x03\0", NotAnImage, "a program"),
        (b"\x89PNG\n\x1A\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", NotAnImage, "not an image"),
        (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x02\0\0\0\0\0\0\0", Corrupt, "bitmap"),
        (b"II*\0\x08\0\0\0CR\x02\0", UnsupportedFormat, "camera raw (CR2)"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01", UnsupportedFormat, "camera raw (CR3)"),
        (b"FUJIFILMCCD-RAW 0201", UnsupportedFormat, "camera raw (RAF)"),
        (b"IIRO\x08\0\0\0", UnsupportedFormat, "camera raw (ORF)"),
        (b"IIU\0\x18\0\0\0", UnsupportedFormat, "camera raw (RW2)"),
        (b"\0\0\0\x1CftypavifXXXX", Corrupt, "before it describes a picture"),
        (b"\0\0\0\x1CftypheicXXXX", Corrupt, "before it describes a picture"),
        (b"\xFF\xD8\xFF\xF7\0\x0B\x08", UnsupportedFormat, "JPEG-LS"),
        (b"\xFF\x0A\xFA\x1F", UnsupportedFormat, "JPEG XL"),
        (b"\0\0\0\x0CJXL \r\n\x87\n", UnsupportedFormat, "JPEG XL"),
        (b"\0\0\0\x0CjP  \r\n\x87\n", UnsupportedFormat, "JPEG 2000"),
        (b"\xFF\x4F\xFF\x51\0\x29", UnsupportedFormat, "JPEG 2000"),
        (b"II\xBC\x01\x08\0\0\0", UnsupportedFormat, "JPEG XR"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", UnsupportedFormat, "SVG"),
        (b"\xEF\xBB\xBF<?xml version='1.0'?>\n<!-- a --><svg/>", UnsupportedFormat, "SVG"),
        (&comments, UnsupportedFormat, "SVG"),
        (&wide, UnsupportedFormat, "SVG"),
        (&svgz, UnsupportedFormat, "SVGZ"),
        (b"%PDF-1.7\n%aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", UnsupportedFormat, "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", UnsupportedFormat, "PostScript"),
        (b"\xC5\xD0\xD3\xC6\x20\0\0\0", UnsupportedFormat, "PostScript (EPS)"),
        (b"8BPS\0\x01\0\0\0\0\0\0", UnsupportedFormat, "Photoshop (PSD)"),
        (b"\x76\x2F\x31\x01\x02\0\0\0", UnsupportedFormat, "OpenEXR"),
        (b"#?RADIANCE\n", UnsupportedFormat, "Radiance HDR"),
        (b"DDS |\0\0\0", UnsupportedFormat, "DDS"),
        (b"\xABKTX 20\xBB\r\n\x1A\n", UnsupportedFormat, "KTX"),
        (b"\xD7\xCD\xC6\x9A\0\0", UnsupportedFormat, "WMF"),
        (&emf, UnsupportedFormat, "EMF"),
        (b"AT&TFORM\0\0\0\x10DJVU", UnsupportedFormat, "DjVu"),
        (&dicom, UnsupportedFormat, "DICOM"),
        (b"FLIF44", UnsupportedFormat, "FLIF"),
        (b"BPG\xFB\x20\0", UnsupportedFormat, "BPG"),
        (b"\x89PNG\r\n\x1A\n\0\0\0\x04CgBI\x50\0\x20\x02", UnsupportedFormat, "CgBI"),
        (b"\xFF\xD8\xFF\xC3\0\x11\x08\0\x1E\0\x28\x03", UnsupportedFormat, "lossless JPEG"),
        (b"\xFF\xD8\xFF\xCB\0\x11\x08\0\x1E\0\x28\x03", UnsupportedFormat, "lossless JPEG"),
        (b"\xFF\xD8\xFF\xF7\0\x11\x08\0\x1E\0\x28\x03", UnsupportedFormat, "JPEG-LS"),
        (b"\xFF\xD8\xFF\xDE\0\x11\x08\0\x1E\0\x28\x03", UnsupportedFormat, "hierarchical JPEG"),
        (b"\xFF\xD8\xFF\xCD\0\x11\x08\0\x1E\0\x28\x03", UnsupportedFormat, "hierarchical JPEG"),
        (b"\xFF\xD8\xFF\xC1\0\x0B\x0C\0\x1E\0\x28\x01\x01\x11\0", UnsupportedFormat, "JPEG with 12 bits per sample"),
        (b"\xFF\xD8\xFF\xC0\0\x0B\x08\0\0\0\x28\x01\x01\x11\0", UnsupportedFormat, "height behind the pixels"),
        (
            b"\xFF\xD8\xFF\xC0\0\x0E\x08\0\x1E\0\x28\x02\x01\x11\0\x02\x11\0",
            UnsupportedFormat,
            "JPEG with 2 components",
        ),
        (
            b"\xFF\xD8\xFF\xC0\0\x11\x08\0\x1E\0\x28\x03\x01\x31\0\x02\x21\0\x03\x11\0",
            UnsupportedFormat,
            "fractional sampling",
        ),
        (b"\xFF\xD8\xFF\xDA\0\x0C\x03\x01\0\x02\x11\x03\x11\0\x3F\0", Corrupt, "no frame header"),
    ];
    for (source, code, message) in cases {
        let rejection = probe(source, source.len() as u64).unwrap_err();
        assert_eq!(rejection.code(), code, "{}: {rejection}", source.escape_ascii());
        assert!(rejection.to_string().contains(message), "{}: {rejection}", source.escape_ascii());
    }
}

#[test]
fn alpha_counts_even_if_the_extended_header_does_not_state_it() {
    let mut lossless = LOSSLESS.to_vec();
    lossless[4] |= 0x10;
    // The body of an ALPH chunk: raw, and compressed as a lossless image.
    let [raw, compressed] = [[0; 1201], [1; 1201]].map(|mut alpha| {
        alpha[1..].fill(0);
        alpha
    });
    let of_alpha = |alpha: &[u8], flags| {
        header_of(&webp(&[(b"VP8X", &extended(flags)), (b"ALPH", alpha), (b"VP8 ", LOSSY)])).pixels
    };
    for flags in [0, 0x10] {
        assert_eq!(of_alpha(&raw, flags), DecodedPixels { decoder_bytes: 2 * 1200, ..RGBA });
        let decoder_bytes = 2 * 1200 + LOSSLESS_BYTES;
        assert_eq!(of_alpha(&compressed, flags), DecodedPixels { decoder_bytes, ..RGBA });
        let extended = header_of(&webp(&[(b"VP8X", &extended(flags)), (b"VP8L", &lossless)]));
        assert_eq!(extended.pixels, DecodedPixels { decoder_bytes: LOSSLESS_BYTES, ..RGBA });
    }
    let simple = header_of(&webp(&[(b"VP8L", &lossless)]));
    assert_eq!(simple.pixels, DecodedPixels { decoder_bytes: LOSSLESS_BYTES, ..RGBA });
}

#[test]
fn a_webp_is_read_until_its_decoder_memory_is_known() {
    let profile = [0; 9000];
    let source = webp(&[(b"VP8X", &extended(0x20)), (b"ICCP", &profile), (b"VP8L", LOSSLESS)]);
    let byte_len = source.len() as u64;
    assert_eq!(probe(&source[..9000], byte_len), Ok(Probe::NeedMore { byte_len }));
    assert_eq!(header_of(&source).pixels.decoder_bytes, LOSSLESS_BYTES);
}

#[test]
fn a_frame_with_too_many_groups_of_codes_takes_too_much_memory() {
    for (groups, code) in [(2600, None), (2601, Some(RejectionCode::TooMuchMemory))] {
        let mut frame = vec![0; 16];
        frame.extend(b"VP8L");
        let stream = vp8l::tests::stream_of_groups(Size::new(240, 240), groups);
        frame.extend(u32::try_from(stream.len()).unwrap().to_le_bytes());
        frame.extend(stream);
        let source = webp(&[(b"VP8X", &extended(2)), (b"ANMF", &frame)]);
        let rejection = probe(&source, source.len() as u64).err();
        assert_eq!(rejection.map(|it| it.code()), code, "{groups} groups");
    }
}

#[test]
fn an_animation_with_too_many_frames_is_rejected() {
    let of_frames = |frames: usize| {
        let vp8x = extended(2);
        let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"VP8X", &vp8x)];
        chunks.resize(frames + 1, (b"ANMF", b""));
        let source = webp(&chunks);
        probe(&source, source.len() as u64).err().map(|rejection| rejection.code())
    };
    assert_eq!(of_frames(16_384), None);
    assert_eq!(of_frames(16_385), Some(RejectionCode::TooManyFrames));
}

#[test]
fn an_animation_with_too_many_other_chunks_is_corrupt() {
    let with_others = |others: usize| {
        let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"ANMF", b""), (b"ODDS", b"")];
        let vp8x = extended(2);
        chunks.insert(0, (b"VP8X", &vp8x));
        chunks.resize(others + 2, (b"ODDS", b""));
        let source = webp(&chunks);
        probe(&source, source.len() as u64).err().map(|rejection| rejection.code())
    };
    assert_eq!(with_others(9_999), None);
    assert_eq!(with_others(10_001), Some(RejectionCode::Corrupt));
}

#[test]
fn a_side_of_zero_and_a_side_beyond_the_format_are_corrupt() {
    let mut flat = jpeg(None, 0xC0);
    let frame_at = flat.windows(2).position(|two| two == [0xFF, 0xC0]).unwrap();
    flat[frame_at + 7..frame_at + 9].fill(0);
    let mut png_of_no_width = png(&[(b"IDAT", b"")]);
    png_of_no_width[16..20].fill(0);
    let mut png_too_wide = png(&[(b"IDAT", b"")]);
    png_too_wide[16] = 0x80;
    for source in [flat, png_of_no_width, png_too_wide] {
        let rejection = probe(&source, source.len() as u64).unwrap_err();
        assert_eq!(rejection.code(), RejectionCode::Corrupt, "{rejection}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_probed_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), beyond in 0..9999u64) {
        let _ = probe(&bytes, bytes.len() as u64 + beyond);
    }

    #[test]
    fn a_damaged_header_causes_no_panic_and_no_request_beyond_the_file(
        sample in 0..12usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        beyond in prop_oneof![Just(0), 0..200_000u64, Just(u64::from(u32::MAX))],
    ) {
        let mut source = samples().swap_remove(sample).1;
        for (at, byte) in damage {
            *at.get_mut(&mut source) = byte;
        }
        let given = source.len() as u64;
        if let Ok(Probe::NeedMore { byte_len }) = probe(&source, given + beyond) {
            prop_assert!(byte_len > given && byte_len <= given + beyond);
        }
    }
}
