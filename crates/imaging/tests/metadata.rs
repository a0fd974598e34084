//! What must not leave the house: nothing that a camera or an editor wrote about a picture is found
//! in any rendition of it.

#![allow(clippy::unwrap_used)]

mod support;

use imaging::{Encoding, Method, Orientation, Size, chart};
use support::rendition;

/// Each stands for a kind of metadata, in words that no encoder writes by chance.
const SECRETS: [&[u8]; 6] = [
    b"SECRET-EXIF",
    b"SECRET-GPS",
    b"SECRET-THUMBNAIL",
    b"SECRET-XMP",
    b"SECRET-ICC",
    b"SECRET-COMMENT",
];

/// Markers of metadata itself, whatever is in them.
const CONTAINERS: [&[u8]; 9] =
    [b"Exif", b"EXIF", b"eXIf", b"ICC_PROFILE", b"ICCP", b"iCCP", b"XMP", b"tEXt", b"iTXt"];

const SIZE: Size = Size::new(64, 48);

fn jpeg() -> Vec<u8> {
    let jpeg = chart::jpeg(SIZE, Orientation::UPRIGHT);
    let segments: [(u8, Vec<u8>); 4] = [
        (0xE1, [b"Exif\0\0II*\0\x08\0\0\0\0\0", SECRETS[0], SECRETS[1], SECRETS[2]].concat()),
        (0xE1, [b"http://ns.adobe.com/xap/1.0/\0", SECRETS[3]].concat()),
        (0xE2, [b"ICC_PROFILE\0\x01\x01", SECRETS[4]].concat()),
        (0xFE, SECRETS[5].to_vec()),
    ];
    let mut tagged = jpeg[..2].to_vec();
    for (marker, bytes) in segments {
        tagged.extend([0xFF, marker, 0, u8::try_from(bytes.len() + 2).unwrap()]);
        tagged.extend(bytes);
    }
    tagged.extend(&jpeg[2..]);
    tagged
}

fn png() -> Vec<u8> {
    let png = chart::encoded(SIZE, Encoding::Png);
    let behind_the_header = 8 + 25;
    let chunks: [(&[u8; 4], Vec<u8>); 3] = [
        (b"eXIf", [b"II*\0\x08\0\0\0\0\0", SECRETS[0], SECRETS[1], SECRETS[2]].concat()),
        (b"tEXt", [b"XML:com.adobe.xmp\0", SECRETS[3]].concat()),
        (b"tEXt", [b"Comment\0", SECRETS[5]].concat()),
    ];
    let mut tagged = png[..behind_the_header].to_vec();
    for (name, bytes) in chunks {
        tagged.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
        let named = [name.as_slice(), &bytes].concat();
        tagged.extend(&named);
        tagged.extend(crc32(&named).to_be_bytes());
    }
    tagged.extend(&png[behind_the_header..]);
    tagged
}

/// The checksum of PNG (annex D), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

fn webp() -> Vec<u8> {
    let quality = 80.try_into().unwrap();
    let simple = chart::encoded(SIZE, Encoding::Webp { quality, method: Method::DEFAULT });
    let mut tagged = b"RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\x2C\0\0\0\x3F\0\0\x2F\0\0".to_vec();
    let mut chunk = |name: &[u8; 4], bytes: &[u8]| {
        tagged.extend(name);
        tagged.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        tagged.extend(bytes);
        tagged.extend(vec![0; bytes.len() % 2]);
    };
    chunk(b"ICCP", SECRETS[4]);
    let pixels = simple[20..].to_vec();
    chunk(b"VP8 ", &pixels);
    chunk(b"EXIF", &[b"II*\0\x08\0\0\0\0\0", SECRETS[0], SECRETS[1], SECRETS[2]].concat());
    chunk(b"XMP ", SECRETS[3]);
    let riff_len = u32::try_from(tagged.len() - 8).unwrap();
    tagged[4..8].copy_from_slice(&riff_len.to_le_bytes());
    tagged
}

#[test]
fn no_metadata_is_found_in_any_rendition() {
    for (from, source) in [("jpeg", jpeg()), ("png", png()), ("webp", webp())] {
        for to in ["jpeg", "png", "webp"] {
            for side in [64, 20] {
                let (_, bytes) =
                    rendition(&source, &format!(r#""width": {side}, "format": "{to}""#));
                let found = SECRETS
                    .iter()
                    .chain(&CONTAINERS)
                    .find(|&&secret| bytes.windows(secret.len()).any(|window| window == secret));
                let found = found.map(|secret| secret.escape_ascii().to_string());
                assert_eq!(found, None, "{from} to {to}");
            }
        }
    }
}
