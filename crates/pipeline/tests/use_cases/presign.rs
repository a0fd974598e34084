//! A presigned URL for an allowed upload, and every error of a refused one.

use pipeline::api::{self, FieldError, PresignedUpload, UploadRequest};

use crate::fixture::{Fixture, notified_at};

async fn presign(request: UploadRequest) -> Result<PresignedUpload, Vec<FieldError>> {
    let fixture = Fixture::new();
    api::presign(&request, notified_at(), &fixture.settings.profiles, &fixture.cloud).await.unwrap()
}

fn request(filename: &str, content_type: &str, byte_len: u64, profile: Option<&str>) -> UploadRequest {
    UploadRequest {
        filename: filename.to_owned(),
        content_type: content_type.to_owned(),
        byte_len,
        profile: profile.map(str::to_owned),
    }
}

#[tokio::test]
async fn a_presigned_url_is_for_a_unique_key_and_five_minutes() {
    let presigned = presign(request("a cat.jpg", "image/jpeg", 100, None)).await.unwrap();
    let (folder, rest) = presigned.key.split_once('/').unwrap();
    let (id, name) = rest.split_once('/').unwrap();
    assert_eq!((folder, id.len(), name), ("uploads", 36, "a cat.jpg"));
    assert_eq!(presigned.headers["content-type"], "image/jpeg");
    assert_eq!(presigned.headers["content-length"], "100");
    assert_eq!(presigned.headers["if-none-match"], "*", "the URL accepts one upload");
    assert_eq!(presigned.expires_at.to_string(), "2026-05-01T12:05:01.000Z");
    let second = presign(request("a cat.jpg", "image/jpeg", 100, None)).await.unwrap();
    assert_ne!(second.key, presigned.key);

    let widths = presign(request("a.png", "image/png", 100_000_000, Some("widths"))).await.unwrap();
    assert!(widths.key.starts_with("widths/"), "the key names the profile: {}", widths.key);
}

#[tokio::test]
async fn a_refused_upload_has_an_error_with_limit_and_value() {
    let long = "n".repeat(256);
    for (request, field, detail) in [
        (request("", "image/jpeg", 1, None), "filename", "is empty"),
        (request("..", "image/jpeg", 1, None), "filename", "relative"),
        (request("../a.jpg", "image/jpeg", 1, None), "filename", "separator"),
        (request("a\\b.jpg", "image/jpeg", 1, None), "filename", "separator"),
        (request("a\nb.jpg", "image/jpeg", 1, None), "filename", "control"),
        (request("a\u{ffff}b.jpg", "image/jpeg", 1, None), "filename", "control"),
        (request(&long, "image/jpeg", 1, None), "filename", "255 bytes"),
        (request("a.jpg", "image/svg+xml", 1, None), "content_type", "only image/jpeg, image/png"),
        (request("a.gif", "image/gif", 1, Some("proxies")), "content_type", "'image/gif'"),
        (request("a.jpg", "image/jpeg; a=\r\nb", 1, None), "content_type", "printable ASCII"),
        (request("a.jpg", &format!("image/jpeg; a={long}"), 1, None), "content_type", "1 to 128"),
        (request("a.jpg", "", 1, None), "content_type", "only image/jpeg"),
        (request("a.jpg", "image/jpeg", 0, None), "byte_len", "empty"),
        (request("a.jpg", "image/jpeg", 100_000_001, None), "byte_len", "100000001"),
        (request("a.jpg", "image/jpeg", 1, Some("posters")), "profile", "proxies, variants, web"),
    ] {
        let errors = presign(request.clone()).await.unwrap_err();
        let [error] = &errors[..] else { panic!("{request:?}: {errors:?}") };
        assert_eq!(error.field, field, "{request:?}");
        assert!(error.detail.contains(detail), "{detail}: {error:?}");
        assert!(!error.limit.is_null() && !error.value.is_null(), "{error:?}");
    }
}

#[tokio::test]
async fn a_content_type_is_signed_as_the_client_has_written_it() {
    for sent in ["image/jpg", "IMAGE/JPEG", "image/jpeg; charset=binary", "image/pjpeg", "image/x-png"] {
        let presigned = presign(request("a", sent, 1, None)).await.unwrap();
        assert_eq!(presigned.headers["content-type"], sent);
    }
    let presigned = presign(request("a", " image/jpg ", 1, None)).await.unwrap();
    assert_eq!(presigned.headers["content-type"], "image/jpg", "HTTP clients trim headers");
}

#[tokio::test]
async fn all_errors_are_returned_at_once() {
    let errors = presign(request("a/b", "text/plain", 0, Some("web"))).await.unwrap_err();
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["filename", "byte_len", "content_type"]);
}
