//! Where the world fetches renditions: the CDN's domain, where a deployment has one.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands for itself in the path of a URL: RFC 3986's unreserved characters, and the slash
/// that S3 keys and paths both use.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The domain that renditions are delivered from.
///
/// A URL is made whenever one is told, and never stored: the domain may change, the key does not.
///
/// ```
/// use pipeline::DeliveryDomain;
/// let domain = DeliveryDomain::new("pictures.example.com".to_owned());
/// assert_eq!(
///     domain.url("a cat (1).jpg/large-0123456789.webp"),
///     "https://pictures.example.com/a%20cat%20%281%29.jpg/large-0123456789.webp",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryDomain(String);

impl DeliveryDomain {
    /// The domain of that name, without scheme and path.
    pub fn new(name: String) -> Self {
        Self(name)
    }

    /// The URL of the rendition under `key` in the destination bucket.
    pub fn url(&self, key: &str) -> String {
        format!("https://{}/{}", self.0, utf8_percent_encode(key, ENCODED))
    }
}

#[cfg(test)]
mod tests {
    use super::DeliveryDomain;

    #[test]
    fn every_key_has_a_url_that_leads_back_to_it() {
        let domain = DeliveryDomain("d1.cloudfront.net".to_owned());
        for (key, path) in [
            ("cat.jpg/large-0123456789.webp", "cat.jpg/large-0123456789.webp"),
            ("a b+c%d?e#f&g", "a%20b%2Bc%25d%3Fe%23f%26g"),
            ("Ökonomie/猫", "%C3%96konomie/%E7%8C%AB"),
            ("/leading//double", "/leading//double"),
        ] {
            assert_eq!(domain.url(key), format!("https://d1.cloudfront.net/{path}"), "{key}");
            let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
            assert_eq!(decoded, key);
        }
    }
}
