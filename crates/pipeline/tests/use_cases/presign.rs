//! Stories of uploads: a link for what may be uploaded, every reason for what may not.

use pipeline::api::{Objection, UploadOffer, UploadRequest, offer_upload};

use crate::fixture::{World, moment};

async fn offer(request: UploadRequest) -> Result<UploadOffer, Vec<Objection>> {
    let world = World::new();
    offer_upload(&request, moment(), &world.rules.profiles, &world.cloud).await.unwrap()
}

fn request(
    filename: &str,
    content_type: &str,
    byte_len: u64,
    profile: Option<&str>,
) -> UploadRequest {
    UploadRequest {
        filename: filename.to_owned(),
        content_type: content_type.to_owned(),
        byte_len,
        profile: profile.map(str::to_owned),
    }
}

#[tokio::test]
async fn a_link_is_for_a_key_of_its_own_and_five_minutes() {
    let offered = offer(request("a cat.jpg", "image/jpeg", 100, None)).await.unwrap();
    let (folder, rest) = offered.key.split_once('/').unwrap();
    let (id, name) = rest.split_once('/').unwrap();
    assert_eq!((folder, id.len(), name), ("uploads", 36, "a cat.jpg"));
    assert_eq!(offered.headers["content-type"], "image/jpeg");
    assert_eq!(offered.headers["content-length"], "100");
    assert_eq!(offered.headers["if-none-match"], "*", "one link, one upload");
    assert_eq!(offered.expires_at.to_string(), "2026-05-01T12:05:01.000Z");
    let again = offer(request("a cat.jpg", "image/jpeg", 100, None)).await.unwrap();
    assert_ne!(again.key, offered.key);

    let widths = offer(request("a.png", "image/png", 100_000_000, Some("widths"))).await.unwrap();
    assert!(widths.key.starts_with("widths/"), "the key chooses the profile: {}", widths.key);
}

#[tokio::test]
async fn what_may_not_be_uploaded_is_told_with_limit_and_value() {
    let long = "n".repeat(256);
    for (request, field, detail) in [
        (request("", "image/jpeg", 1, None), "filename", "is empty"),
        (request("..", "image/jpeg", 1, None), "filename", "relative"),
        (request("../a.jpg", "image/jpeg", 1, None), "filename", "separator"),
        (request("a\\b.jpg", "image/jpeg", 1, None), "filename", "separator"),
        (request("a\nb.jpg", "image/jpeg", 1, None), "filename", "control"),
        (request("a\u{ffff}b.jpg", "image/jpeg", 1, None), "filename", "control"),
        (request(&long, "image/jpeg", 1, None), "filename", "255 bytes"),
        (request("a.jpg", "image/tiff", 1, None), "content_type", "only image/jpeg, image/png"),
        (request("a.gif", "image/gif", 1, Some("proxies")), "content_type", "'image/gif'"),
        (request("a.jpg", "image/jpeg", 0, None), "byte_len", "empty"),
        (request("a.jpg", "image/jpeg", 100_000_001, None), "byte_len", "100000001"),
        (request("a.jpg", "image/jpeg", 1, Some("posters")), "profile", "proxies, variants, web"),
    ] {
        let objections = offer(request.clone()).await.unwrap_err();
        let [objection] = &objections[..] else { panic!("{request:?}: {objections:?}") };
        assert_eq!(objection.field, field, "{request:?}");
        assert!(objection.detail.contains(detail), "{detail}: {objection:?}");
        assert!(!objection.limit.is_null() && !objection.value.is_null(), "{objection:?}");
    }
}

#[tokio::test]
async fn all_reasons_are_told_at_once() {
    let objections = offer(request("a/b", "text/plain", 0, Some("web"))).await.unwrap_err();
    let fields: Vec<_> = objections.iter().map(|objection| objection.field.as_str()).collect();
    assert_eq!(fields, ["filename", "byte_len", "content_type"]);
}
