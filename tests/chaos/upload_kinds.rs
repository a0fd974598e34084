//! What is uploaded, and what becomes of it on a day on which nothing fails.

use end_to_end::proxy::{Plan, Strike};
use imaging::{Orientation, Size};
use pipeline::{Status, testing::Fault};

use crate::matrix::{Depth, FOR_GOOD, PAST_THE_SDK};

/// One kind of upload.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) name: &'static str,
    /// What every key of it begins with. The plus makes validate look twice.
    prefix: &'static str,
    extension: &'static str,
    /// What the key held before.
    pub(crate) earlier: Option<Vec<u8>>,
    pub(crate) content: Vec<u8>,
    pub(crate) ends: Status,
    /// A fault that all the others come on top of.
    pub(crate) besides: Option<Plan>,
    /// The calls that are struck; all of them, if none is named.
    pub(crate) focus: &'static [&'static str],
    pub(crate) depth: Depth,
}

/// What the keys of all stories begin with.
pub(crate) const PREFIXES: [&str; 2] = ["proxies/chaos+", "widths/chaos+"];

impl Story {
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{}{}-{name}.{}", self.prefix, self.name, self.extension)
    }
}

/// Every story that there is.
pub(crate) fn stories() -> Vec<Story> {
    let chart =
        |width, height| imaging::chart::jpeg(Size::new(width, height), Orientation::UPRIGHT);
    let changed = || Story {
        name: "changed",
        prefix: PREFIXES[0],
        extension: "jpg",
        earlier: Some(chart(300, 200)),
        content: chart(320, 200),
        ends: Status::Completed,
        besides: None,
        focus: &[],
        depth: Depth::Every,
    };
    let mut broken = chart(320, 200);
    broken.truncate(broken.len() / 2);
    let long = || Story {
        name: "long",
        prefix: PREFIXES[1],
        extension: "png",
        earlier: None,
        content: noise(Size::new(1024, 2760)),
        focus: &[
            "s3:GetObject",
            "s3:CreateMultipartUpload",
            "s3:UploadPart",
            "s3:CompleteMultipartUpload",
        ],
        depth: Depth::Worst,
        ..changed()
    };
    let always = |call: &str, nth, times, fault| {
        Some(Plan { call: call.to_owned(), nth, times, strike: Strike::Break(fault) })
    };
    vec![
        changed(),
        Story {
            name: "broken",
            content: broken,
            ends: Status::Rejected,
            focus: &[
                "dynamodb:UpdateItem",
                "events:PutEvents",
                "s3:PutObject",
                "s3:PutObjectTagging",
            ],
            depth: Depth::Worst,
            ..changed()
        },
        Story {
            name: "text",
            earlier: None,
            content: b"this is no picture, whatever its name says".to_vec(),
            ends: Status::Rejected,
            depth: Depth::Worst,
            ..changed()
        },
        // Its execution ends red, and then what tells of that is struck.
        Story {
            name: "failing",
            besides: always("s3:PutObject", 1, FOR_GOOD, Fault::Refusal),
            focus: &["dynamodb:GetItem", "dynamodb:UpdateItem", "events:PutEvents"],
            depth: Depth::Worst,
            ..changed()
        },
        long(),
        // Its upload in parts breaks off, and then what clears up after that is struck.
        Story {
            name: "aborted",
            besides: always("s3:UploadPart", 1, PAST_THE_SDK, Fault::Error),
            focus: &["s3:AbortMultipartUpload"],
            ..long()
        },
    ]
}

/// A PNG that does not compress: its rendition of the same size takes an upload in parts.
fn noise(size: Size) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut byte = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    let pixels: Vec<u8> = (0..size.width * size.height * 3).map(|_| byte()).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fastest);
    let mut writer = encoder.write_header().expect("a vector takes all");
    writer.write_image_data(&pixels).expect("they are as many as the header says");
    writer.finish().expect("a vector takes all");
    file
}
