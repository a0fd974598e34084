//! XML answers, of which a few fields are wanted.

use std::collections::HashMap;

use roxmltree::{Document, Node};

/// The texts of all elements of that name, in the document's order; none where it is no XML.
pub(crate) fn texts(document: &str, name: &str) -> Vec<String> {
    let Ok(document) = Document::parse(document) else { return Vec::new() };
    let named = document.descendants().filter(|node| node.tag_name().name() == name);
    named.map(|node| node.text().unwrap_or_default().to_owned()).collect()
}

/// The texts of the children `names`, of each element that has all of them.
pub(crate) fn rows<const N: usize>(document: &str, names: [&str; N]) -> Vec<[String; N]> {
    let Ok(document) = Document::parse(document) else { return Vec::new() };
    document.descendants().filter_map(|node| children(node, names)).collect()
}

/// A list of pairs, whose elements call their halves `key` and `value`.
pub(crate) fn pairs(document: &str, key: &str, value: &str) -> HashMap<String, String> {
    rows(document, [key, value]).into_iter().map(|[key, value]| (key, value)).collect()
}

fn children<const N: usize>(node: Node<'_, '_>, names: [&str; N]) -> Option<[String; N]> {
    let child = |name: &str| node.children().find(|child| child.tag_name().name() == name);
    let mut texts = Vec::with_capacity(N);
    for name in names {
        texts.push(child(name)?.text().unwrap_or_default().to_owned());
    }
    texts.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_name() {
        let document =
            "<A xmlns='urn:a'><Code>AccessDenied</Code><Other/><Code>a &amp; b</Code></A>";
        assert_eq!(texts(document, "Code"), ["AccessDenied", "a & b"]);
        assert_eq!(texts(document, "Other"), [""]);
        assert!(texts(document, "Message").is_empty());
        assert!(texts("{}", "Code").is_empty());
    }

    #[test]
    fn a_row_has_all_that_is_asked_for() {
        let document = "<L><m><K>a</K><V>1</V></m><m><K>b</K></m><m><V>3</V><K>c</K></m></L>";
        assert_eq!(rows(document, ["K", "V"]), [["a", "1"], ["c", "3"]]);
        assert_eq!(pairs(document, "K", "V").len(), 2);
    }
}
