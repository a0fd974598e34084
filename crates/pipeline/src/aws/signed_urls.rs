//! Links into the buckets: signed, or to where renditions are public.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client,
    config::RequestChecksumCalculation,
    error::SdkError,
    presigning::{PresignedRequest, PresigningConfig},
};

use super::{errors::classify, s3::client};
use crate::{
    DeliveryDomain, Failure,
    ports::{SignedPut, UploadTerms, Urls},
};

/// How long a signed link to a rendition is good for.
const GET_VALID: Duration = Duration::from_secs(60 * 60);

/// What a link to upload to holds the client to. In Lambda, the SDK adds headers to trace by, which are not signed.
const SIGNED_HEADERS: [&str; 3] = ["content-length", "content-type", "if-none-match"];

/// Links into the buckets of one stack.
#[derive(Debug, Clone)]
pub struct SignedUrls {
    s3: Client,
    source_bucket: String,
    destination_bucket: String,
    delivery: Option<DeliveryDomain>,
}

impl SignedUrls {
    /// Links to renditions go to where they are delivered, if there is such a domain.
    pub fn new(
        config: &SdkConfig,
        source_bucket: &str,
        destination_bucket: &str,
        delivery: Option<DeliveryDomain>,
    ) -> Self {
        // Whoever uploads has no SDK, and would not know which checksum to send.
        let config = client(config).config().to_builder();
        let config = config.request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
        Self {
            s3: Client::from_conf(config.build()),
            source_bucket: source_bucket.to_owned(),
            destination_bucket: destination_bucket.to_owned(),
            delivery,
        }
    }
}

impl Urls for SignedUrls {
    async fn put(&self, terms: &UploadTerms) -> Result<SignedPut, Failure> {
        let byte_len = i64::try_from(terms.byte_len);
        let request = self
            .s3
            .put_object()
            .bucket(&self.source_bucket)
            .key(&terms.key)
            .content_type(terms.content_type)
            // S3 takes one object under the key: a second upload by the same link is refused.
            .if_none_match("*")
            .content_length(byte_len.map_err(|_| too_long(terms.byte_len))?);
        let signed = signed(request.presigned(valid(terms.valid)).await, "s3:PutObject")?;
        let headers =
            signed.headers().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        let must_be_sent = headers.filter(|(name, _)| SIGNED_HEADERS.contains(&name.as_str()));
        Ok(SignedPut { url: signed.uri().to_owned(), headers: must_be_sent.collect() })
    }

    async fn get(&self, rendition_key: &str) -> Result<String, Failure> {
        if let Some(domain) = &self.delivery {
            return Ok(domain.url(rendition_key));
        }
        let request = self.s3.get_object().bucket(&self.destination_bucket).key(rendition_key);
        let signed = signed(request.presigned(valid(GET_VALID)).await, "s3:GetObject")?;
        Ok(signed.uri().to_owned())
    }
}

fn valid(duration: Duration) -> PresigningConfig {
    PresigningConfig::expires_in(duration).expect("S3 signs for a week at most, this is less")
}

/// Signing asks nobody: what fails is that there are no credentials.
fn signed<E>(
    signed: Result<PresignedRequest, SdkError<E>>,
    call: &'static str,
) -> Result<PresignedRequest, Failure>
where
    E: std::error::Error + aws_sdk_s3::error::ProvideErrorMetadata + Send + Sync + 'static,
{
    signed.map_err(|error| classify(call, error))
}

fn too_long(byte_len: u64) -> Failure {
    Failure::misconfigured(format!("a profile allows {byte_len} bytes, S3 does not"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use aws_sdk_s3::config::{Credentials, Region, SharedCredentialsProvider};

    use super::*;

    fn urls(domain: Option<&str>) -> SignedUrls {
        let credentials = Credentials::new("AKIA", "secret", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(crate::aws::https_client())
            .build();
        let delivery = domain.map(|domain| DeliveryDomain::new(domain.to_owned()));
        SignedUrls::new(&config, "sources", "renditions", delivery)
    }

    #[tokio::test]
    async fn a_link_to_upload_to_signs_type_length_a_free_key_and_five_minutes() {
        let terms = UploadTerms {
            key: "uploads/1/a b+ü.jpg".to_owned(),
            content_type: "image/jpeg",
            byte_len: 12_345,
            valid: Duration::from_secs(300),
        };
        let SignedPut { url, mut headers } = urls(None).put(&terms).await.unwrap();
        assert!(url.contains("/uploads/1/a%20b%2B%C3%BC.jpg?"), "{url}");
        assert!(url.contains("X-Amz-Expires=300"), "{url}");
        let signed = "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match";
        assert!(url.contains(signed), "{url}");
        headers.sort();
        let expected =
            [("content-length", "12345"), ("content-type", "image/jpeg"), ("if-none-match", "*")];
        assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[tokio::test]
    async fn a_rendition_is_linked_where_it_is_public_or_signed_for_an_hour() {
        let key = "a b+%/ü.jpg/medium-0123456789.webp";
        let signed = urls(None).get(key).await.unwrap();
        assert!(signed.contains("/a%20b%2B%25/%C3%BC.jpg/medium-0123456789.webp?"), "{signed}");
        assert!(signed.contains("X-Amz-Expires=3600"), "{signed}");
        let public = urls(Some("pictures.example")).get(key).await.unwrap();
        let expected = "https://pictures.example/a%20b%2B%25/%C3%BC.jpg/medium-0123456789.webp";
        assert_eq!(public, expected);
    }
}
