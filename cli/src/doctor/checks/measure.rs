//! A rendition, fetched and measured: its bytes and its size are those of its record.

use aws_sdk_s3::{Error, error::ProvideErrorMetadata};
use imaging::{Probe, RenditionSpec, Size, probe};
use serde_json::Value;

use super::super::{
    finding::{Trouble, trouble},
    patient::Patient,
};

/// Fetches a rendition out of the destination bucket; its name and size.
pub(super) async fn measure(patient: &Patient<'_>, rendition: &Value) -> Result<String, Trouble> {
    let key = rendition["key"].as_str().unwrap_or_default();
    let bucket = patient.output("DestinationBucketName")?;
    let answer = patient.s3().get_object().bucket(bucket).key(key).send().await;
    let answer = answer.map_err(Error::from).map_err(|error| {
        trouble(
            format!(
                "the rendition s3://{bucket}/{key} can't be fetched: {}",
                error.code().unwrap_or("no answer")
            ),
            format!("aws s3api head-object --bucket {bucket} --key '{key}'"),
        )
    })?;
    let bytes = answer.body.collect().await.map_err(anyhow::Error::from)?.into_bytes();
    compare(rendition, &bytes)?;
    let text = |name: &str| rendition[name].as_str().unwrap_or_default();
    Ok(format!("{} {}×{}", text("name"), rendition["width"], rendition["height"]))
}

/// Compares bytes with what the record says of them.
pub(super) fn compare(rendition: &Value, bytes: &[u8]) -> Result<(), Trouble> {
    let side = |name: &str| u32::try_from(rendition[name].as_u64().unwrap_or(0)).unwrap_or(0);
    let recorded = Size::new(side("width"), side("height"));
    let measured = size(rendition["format"].as_str().unwrap_or_default(), bytes);
    let fix = "send us this line, with the record: darkroom doctor --json";
    match measured {
        Err(error) => Err(trouble(
            format!("the rendition {} can't be decoded: {error}", rendition["key"]),
            fix,
        )),
        Ok(measured) if measured != recorded => Err(trouble(
            format!("the rendition {} is {measured}, its record says {recorded}", rendition["key"]),
            fix,
        )),
        Ok(_) if rendition["byte_len"].as_u64() != u64::try_from(bytes.len()).ok() => Err(trouble(
            format!(
                "the rendition {} has {} bytes, its record says {}",
                rendition["key"],
                bytes.len(),
                rendition["byte_len"]
            ),
            fix,
        )),
        Ok(_) => Ok(()),
    }
}

/// The size that a picture decodes to. There is no decoder for AVIF here: its size is read from its header.
fn size(format: &str, bytes: &[u8]) -> anyhow::Result<Size> {
    if format == "avif" {
        return avif(bytes).ok_or_else(|| anyhow::anyhow!("it has no image size"));
    }
    let spec = r#"{"name": "measured", "width": 64, "height": 64, "format": "png"}"#;
    let spec: RenditionSpec = serde_json::from_str(spec)?;
    imaging::render(bytes, &spec, &mut Vec::new())?;
    match probe(bytes, bytes.len() as u64)? {
        Probe::Header(header) => Ok(header.size),
        Probe::NeedMore { .. } => anyhow::bail!("its header is cut off"),
    }
}

/// The item property `ispe`: 4 bytes of version and flags, width, height (ISO/IEC 23008-12, 6.5.3).
fn avif(bytes: &[u8]) -> Option<Size> {
    let at = bytes.windows(4).position(|four| four == b"ispe")? + 8;
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    Some(Size::new(number(at)?, number(at + 4)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_size_or_length_that_is_not_the_records_is_trouble() {
        let bytes = super::super::uploads::picture();
        let right = json!({"key": "x", "format": "jpeg", "width": 360, "height": 240, "byte_len": bytes.len()});
        assert!(compare(&right, &bytes).is_ok());
        for (field, value) in [("width", 361), ("height", 1), ("byte_len", 5)] {
            let mut wrong = right.clone();
            wrong[field] = json!(value);
            assert!(compare(&wrong, &bytes).is_err(), "{field}");
        }
        assert!(compare(&right, &bytes[..bytes.len() / 2]).is_err(), "cut off");
    }

    #[test]
    fn an_avif_is_measured_by_its_header() {
        let mut bytes = b"....ispe\0\0\0\0".to_vec();
        bytes.extend([0, 0, 1, 44, 0, 0, 0, 200]);
        assert_eq!(avif(&bytes), Some(Size::new(300, 200)));
        assert_eq!(avif(b"ispe"), None);
    }
}
