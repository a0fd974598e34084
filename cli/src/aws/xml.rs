//! Reads single fields of an XML document.

use std::collections::HashMap;

use roxmltree::{Document, Node};

/// The texts of all elements with a name, in document order. Empty if the document is not XML.
pub(crate) fn element_texts(document: &str, name: &str) -> Vec<String> {
    let Ok(document) = Document::parse(document) else { return Vec::new() };
    let named = document.descendants().filter(|node| node.tag_name().name() == name);
    named.map(|node| node.text().unwrap_or_default().to_owned()).collect()
}

/// The text of the first element with a name.
pub(crate) fn first_text(document: &str, name: &str) -> Option<String> {
    element_texts(document, name).into_iter().next()
}

/// For each element that has all of the children `names`, the texts of these children. Empty if the document is not
/// XML.
pub(crate) fn child_texts<const N: usize>(document: &str, names: [&str; N]) -> Vec<[String; N]> {
    let Ok(document) = Document::parse(document) else { return Vec::new() };
    document.descendants().filter_map(|node| texts_of_children(node, names)).collect()
}

/// A list of names and values, whose elements have the children `key` and `value`.
pub(crate) fn pairs(document: &str, key: &str, value: &str) -> HashMap<String, String> {
    child_texts(document, [key, value]).into_iter().map(|[key, value]| (key, value)).collect()
}

fn texts_of_children<const N: usize>(node: Node<'_, '_>, names: [&str; N]) -> Option<[String; N]> {
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
        let document = "<A xmlns='urn:a'><Code>AccessDenied</Code><Other/><Code>a &amp; b</Code></A>";
        assert_eq!(element_texts(document, "Code"), ["AccessDenied", "a & b"]);
        assert_eq!(element_texts(document, "Other"), [""]);
        assert!(element_texts(document, "Message").is_empty());
        assert!(element_texts("{}", "Code").is_empty());
    }

    #[test]
    fn elements_without_all_requested_children_are_left_out() {
        let document = "<L><m><K>a</K><V>1</V></m><m><K>b</K></m><m><V>3</V><K>c</K></m></L>";
        assert_eq!(child_texts(document, ["K", "V"]), [["a", "1"], ["c", "3"]]);
        assert_eq!(pairs(document, "K", "V").len(), 2);
    }
}
