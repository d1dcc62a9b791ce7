//! References inside a book to the names of its documents.

/// A reference from a document, resolved: the item's name in the archive, and the id after `#`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Target {
    pub path: String,
    pub fragment: Option<String>,
}

/// Folder of an item, with its `/`; empty at the root.
pub fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..=at])
}

/// `href` as written in an item of `folder`. A reference to elsewhere resolves to a name that no archive holds.
pub fn resolve(folder: &str, href: &str) -> Target {
    let (path, fragment) = href.split_once('#').map_or((href, None), |(path, fragment)| (path, Some(fragment)));
    let path = percent_decoded(path.trim()).replace('\\', "/");
    let joined = if let Some(rooted) = path.strip_prefix('/') { rooted.to_owned() } else { format!("{folder}{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let fragment = fragment.map(percent_decoded).filter(|fragment| !fragment.is_empty());
    Target { path: parts.join("/"), fragment }
}

fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
        let code = (bytes[at] == b'%').then(|| Some(hex(bytes.get(at + 1))? * 16 + hex(bytes.get(at + 2))?)).flatten();
        if let Some(byte) = code.and_then(|code| u8::try_from(code).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve_within_the_archive() {
        let target = |href| resolve("OPS/nav/", href);
        assert_eq!(
            target("../text/a%20b.xhtml#c1"),
            Target { path: "OPS/text/a b.xhtml".into(), fragment: Some("c1".into()) }
        );
        assert_eq!(target("../../../../etc/passwd").path, "etc/passwd");
        assert_eq!(target("%zz").path, "OPS/nav/%zz");
        assert_eq!(target("x.html#").fragment, None);
    }
}
