//! The public URLs of renditions, if a deployment has a CDN.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters of a key that are percent-encoded.
// All but the unreserved characters of RFC 3986 and the slash, which separates segments in S3 keys and in paths.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The domain that renditions are delivered from.
///
/// URLs are built when they are needed and never stored: the domain may change, the key does not.
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
    /// A domain by its name, without scheme and path.
    pub fn new(name: String) -> Self {
        Self(name)
    }

    /// The URL of the rendition with that key in the destination bucket.
    pub fn url(&self, key: &str) -> String {
        format!("https://{}/{}", self.0, utf8_percent_encode(key, ENCODED))
    }
}

#[cfg(test)]
mod tests {
    use super::DeliveryDomain;

    #[test]
    fn the_path_of_a_url_decodes_to_the_key() {
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
