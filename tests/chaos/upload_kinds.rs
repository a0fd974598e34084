//! The kinds of upload that faults are injected into, and their outcomes.

use end_to_end::proxy::{Injection, InjectionPlan};
use imaging::{Orientation, Size};
use pipeline::{Status, testing::Fault};

use crate::cases::{FaultSet, SDK_ATTEMPTS, UNTIL_STOPPED};

/// One kind of upload: its content, its outcome, and the calls that get faults.
#[derive(Debug)]
pub(crate) struct UploadKind {
    pub(crate) name: &'static str,
    /// What its keys begin with.
    key_prefix: &'static str,
    extension: &'static str,
    /// Content that is uploaded to the key before, if any.
    pub(crate) previous_content: Option<Vec<u8>>,
    pub(crate) content: Vec<u8>,
    /// The status of its record without the faults of a trial.
    pub(crate) expected_status: Status,
    /// A fault that is injected in each trial, in addition to the trial's own.
    pub(crate) standing_plan: Option<InjectionPlan>,
    /// The calls that get faults. Empty: all calls.
    pub(crate) calls: &'static [&'static str],
    pub(crate) fault_set: FaultSet,
}

/// What the keys of all kinds begin with: a profile's name, and a `+`, which must not be decoded.
pub(crate) const KEY_PREFIXES: [&str; 2] = ["proxies/chaos+", "widths/chaos+"];

impl UploadKind {
    /// The key of one upload.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{}{}-{name}.{}", self.key_prefix, self.name, self.extension)
    }
}

/// All kinds. The first is `changed`.
pub(crate) fn upload_kinds() -> Vec<UploadKind> {
    let chart = |width, height| imaging::chart::jpeg(Size::new(width, height), Orientation::UPRIGHT);
    let changed = || UploadKind {
        name: "changed",
        key_prefix: KEY_PREFIXES[0],
        extension: "jpg",
        previous_content: Some(chart(300, 200)),
        content: chart(320, 200),
        expected_status: Status::Completed,
        standing_plan: None,
        calls: &[],
        fault_set: FaultSet::All,
    };
    let mut truncated = chart(320, 200);
    truncated.truncate(truncated.len() / 2);
    let long = || UploadKind {
        name: "long",
        key_prefix: KEY_PREFIXES[1],
        extension: "png",
        previous_content: None,
        content: noise_png(Size::new(1024, 2760)),
        calls: &["s3:GetObject", "s3:CreateMultipartUpload", "s3:UploadPart", "s3:CompleteMultipartUpload"],
        fault_set: FaultSet::Worst,
        ..changed()
    };
    let standing_plan = |call: &str, times, fault| {
        let injection = Injection::Fail(fault);
        Some(InjectionPlan { call: call.to_owned(), nth: 1, times, injection })
    };
    vec![
        changed(),
        UploadKind {
            name: "broken",
            content: truncated,
            expected_status: Status::Rejected,
            calls: &["dynamodb:UpdateItem", "events:PutEvents", "s3:PutObject", "s3:PutObjectTagging"],
            fault_set: FaultSet::Worst,
            ..changed()
        },
        UploadKind {
            name: "text",
            previous_content: None,
            content: b"this file is not a picture".to_vec(),
            expected_status: Status::Rejected,
            fault_set: FaultSet::Worst,
            ..changed()
        },
        // The execution always fails. Faults are injected into the calls that record and publish the failure.
        UploadKind {
            name: "failing",
            standing_plan: standing_plan("s3:PutObject", UNTIL_STOPPED, Fault::Refusal),
            calls: &["dynamodb:GetItem", "dynamodb:UpdateItem", "events:PutEvents"],
            fault_set: FaultSet::Worst,
            ..changed()
        },
        long(),
        // An upload in parts always breaks off. Faults are injected into the call that aborts it.
        UploadKind {
            name: "aborted",
            standing_plan: standing_plan("s3:UploadPart", SDK_ATTEMPTS, Fault::Error),
            calls: &["s3:AbortMultipartUpload"],
            ..long()
        },
    ]
}

/// A PNG of random pixels. It does not compress, so that its rendition of the same size is uploaded in parts.
fn noise_png(size: Size) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    // An xorshift generator: the same bytes in each run.
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
    let mut writer = encoder.write_header().expect("writing to a vector cannot fail");
    writer.write_image_data(&pixels).expect("there are as many pixels as the header says");
    writer.finish().expect("writing to a vector cannot fail");
    file
}
