//! Downloads renditions, and compares their size and length with the record.

use aws_sdk_s3::{Error, error::ProvideErrorMetadata};
use imaging::{Probe, RenditionSpec, Size, probe};
use serde_json::Value;

use crate::doctor::{
    check_result::{CheckFailure, check_failure},
    context::CheckContext,
};

/// Downloads a rendition from the destination bucket and compares it with the record. Returns its name and size.
pub(super) async fn download_and_compare(
    context: &CheckContext<'_>,
    rendition: &Value,
) -> Result<String, CheckFailure> {
    let key = rendition["key"].as_str().unwrap_or_default();
    let bucket = context.output("DestinationBucketName")?;
    let response = context.s3().get_object().bucket(bucket).key(key).send().await;
    let response = response.map_err(Error::from).map_err(|error| {
        let code = error.code().unwrap_or("no answer");
        check_failure(
            format!("the rendition s3://{bucket}/{key} cannot be downloaded: {code}"),
            format!("aws s3api head-object --bucket {bucket} --key '{key}'"),
        )
    })?;
    let bytes = response.body.collect().await.map_err(anyhow::Error::from)?.into_bytes();
    compare(rendition, &bytes)?;
    let name = rendition["name"].as_str().unwrap_or_default();
    Ok(format!("{name} {}×{}", rendition["width"], rendition["height"]))
}

/// Compares the size and the length of a rendition with its record.
///
/// # Errors
/// If they differ, or the rendition cannot be decoded.
pub(super) fn compare(rendition: &Value, bytes: &[u8]) -> Result<(), CheckFailure> {
    let side = |name: &str| u32::try_from(rendition[name].as_u64().unwrap_or(0)).unwrap_or(0);
    let recorded = Size::new(side("width"), side("height"));
    let (key, byte_len) = (&rendition["key"], &rendition["byte_len"]);
    let cause = match decoded_size(bytes) {
        Err(error) => format!("the rendition {key} cannot be decoded: {error}"),
        Ok(size) if size != recorded => {
            format!("the rendition {key} is {size}, its record says {recorded}")
        }
        Ok(_) if byte_len.as_u64() != u64::try_from(bytes.len()).ok() => {
            format!("the rendition {key} has {} bytes, its record says {byte_len}", bytes.len())
        }
        Ok(_) => return Ok(()),
    };
    Err(check_failure(cause, "send us this line, with the record: darkroom doctor --json"))
}

/// The size of a picture, which is decoded.
fn decoded_size(bytes: &[u8]) -> anyhow::Result<Size> {
    let spec = r#"{"name": "measured", "width": 64, "height": 64, "format": "png"}"#;
    let spec: RenditionSpec = serde_json::from_str(spec)?;
    imaging::render(bytes, &spec, &mut Vec::new())?;
    match probe(bytes, bytes.len() as u64)? {
        Probe::Header(header) => Ok(header.size),
        Probe::NeedMore { .. } => anyhow::bail!("its header is cut off"),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::test_picture::test_picture, *};
    use serde_json::json;

    #[test]
    fn a_size_or_length_that_differs_from_the_record_fails_the_check() {
        let bytes = test_picture();
        let right = json!({"key": "x", "format": "jpeg", "width": 360, "height": 240, "byte_len": bytes.len()});
        assert!(compare(&right, &bytes).is_ok());
        for (field, value) in [("width", 361), ("height", 1), ("byte_len", 5)] {
            let mut wrong = right.clone();
            wrong[field] = json!(value);
            assert!(compare(&wrong, &bytes).is_err(), "{field}");
        }
        assert!(compare(&right, &bytes[..bytes.len() / 2]).is_err(), "cut off");
    }
}
