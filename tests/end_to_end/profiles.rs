//! Every built-in profile: each rendition's name, format, size, key and bytes.

use end_to_end::DeployedStack;
use imaging::{Format, LimitedBy, Probe, ResolvedSpec, Size};
use pipeline::{Profiles, Status};

use crate::chart;

/// Name, format, width and height of a rendition of a JPEG of 2000×1500 px.
type ExpectedRendition = (&'static str, Format, u32, u32);

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn web_makes_four_webps_within_their_boxes() {
    assert_renditions(
        "web",
        &[
            ("thumbnail", Format::Webp, 300, 225),
            ("medium", Format::Webp, 800, 600),
            ("large", Format::Webp, 1440, 1080),
            ("original", Format::Webp, 2000, 1500),
        ],
    )
    .await;
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn proxies_makes_two_jpegs_and_never_enlarges() {
    assert_renditions("proxies", &[("proxy-2048", Format::Jpeg, 2000, 1500), ("proxy-1024", Format::Jpeg, 1024, 768)])
        .await;
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn variants_makes_each_format_at_the_sources_size_and_a_thumbnail() {
    assert_renditions(
        "variants",
        &[
            ("compressed", Format::Jpeg, 2000, 1500),
            ("low", Format::Jpeg, 2000, 1500),
            ("webp", Format::Webp, 2000, 1500),
            ("png", Format::Png, 2000, 1500),
            ("thumbnail", Format::Jpeg, 300, 225),
        ],
    )
    .await;
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn widths_makes_four_widths_in_the_sources_format() {
    assert_renditions(
        "widths",
        &[
            ("w150", Format::Jpeg, 150, 113),
            ("w320", Format::Jpeg, 320, 240),
            ("w640", Format::Jpeg, 640, 480),
            ("w1024", Format::Jpeg, 1024, 768),
        ],
    )
    .await;
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_rendition_too_large_for_its_format_is_scaled_down_and_recorded_as_limited() {
    let stack = DeployedStack::find();
    let wide = imaging::chart::jpeg(Size::new(17_000, 60), imaging::Orientation::UPRIGHT);
    let uploaded = stack.upload("web/end to end/wide.jpg", wide).await;
    let record = stack.wait_for_outcome(&uploaded).await;
    assert_eq!(record.status, Status::Completed, "{record:?}");
    let limited = record.renditions.iter().filter(|rendition| rendition.limited_by.is_some());
    let limited: Vec<_> = limited.map(|r| (r.name.as_str(), r.width, r.height)).collect();
    assert_eq!(limited, [("original", 16_383, 58)]);
    assert_eq!(record.renditions[3].limited_by, Some(LimitedBy::Format));
}

async fn assert_renditions(profile: &str, expected: &[ExpectedRendition]) {
    let stack = DeployedStack::find();
    let source = chart();
    let uploaded = stack.upload(&format!("{profile}/end to end/chart.jpg"), source.clone()).await;
    let record = stack.wait_for_outcome(&uploaded).await;
    assert_eq!(record.status, Status::Completed, "{record:?}");
    assert_eq!((record.upload.width, record.upload.height), (Some(2000), Some(1500)));
    assert_eq!(record.upload.profile, profile);

    let found = record.renditions.iter();
    let found: Vec<_> = found.map(|r| (r.name.as_str(), r.format, r.width, r.height)).collect();
    assert_eq!(found, expected);
    let profiles = Profiles::built_in("web").expect("the profile is built in");
    let specs = &profiles.get(profile).expect("the profile is built in").renditions;
    for (rendition, spec) in record.renditions.iter().zip(specs) {
        let spec = ResolvedSpec::new(spec.clone(), Format::Jpeg);
        let version = Some(uploaded.version_id.as_str());
        let key = imaging::rendition_key(&uploaded.key, &uploaded.etag, version, &spec);
        assert_eq!(rendition.key, key);
        let bytes = checked_bytes(&stack, &key, rendition.format, &uploaded.version_id).await;
        assert_eq!(bytes.len() as u64, rendition.byte_len);
        assert_header(&bytes, rendition.format, Size::new(rendition.width, rendition.height));

        // The same bytes as a local rendering. The renderer's own tests check orientation and pixels.
        let mut local = Vec::new();
        imaging::render(source.as_slice(), spec.as_spec(), &mut local).expect("a chart renders");
        assert!(bytes == local, "{key}: the function and this machine render different bytes");
    }
}

/// The bytes of a rendition, after checking its metadata.
async fn checked_bytes(stack: &DeployedStack, key: &str, format: Format, version_id: &str) -> Vec<u8> {
    let (object, bytes) = stack.get_rendition(key).await;
    assert_eq!(object.content_type(), Some(format.content_type()));
    assert_eq!(object.cache_control(), Some("public, max-age=31536000, immutable"));
    let metadata = object.metadata().expect("it has metadata");
    assert_eq!(metadata["source-version"], version_id);
    assert!(metadata["spec"].contains("\"name\""), "{metadata:?}");
    assert!(!stack.is_superseded(key).await);
    bytes
}

/// Checks format and size in the bytes themselves.
fn assert_header(bytes: &[u8], format: Format, size: Size) {
    let probed = imaging::probe(bytes, bytes.len() as u64).expect("a rendition can be probed");
    let Probe::Header(header) = probed else { panic!("probe asks for more than the whole file") };
    assert_eq!((header.format, header.size), (format, size));
}
