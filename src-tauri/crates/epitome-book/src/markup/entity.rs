//! Character references. For the markup readers.

use std::borrow::Cow;

use quick_xml::escape::resolve_html5_entity;

/// Longest reference looked at, in bytes; the longest HTML 5 name has 31.
const LONGEST: usize = 34;

/// `text` with its character references replaced. What is no reference stays as it is: text is never lost.
pub fn decode(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(after) = rest.strip_prefix('&') {
        let end = after.bytes().take(LONGEST).position(|byte| byte == b';');
        let name = end.and_then(|end| after.get(..end));
        if let Some(name) = name
            && push(name, &mut out)
        {
            rest = &after[name.len() + 1..];
        } else {
            out.push('&');
            rest = after;
        }
        let next = rest.find('&').unwrap_or(rest.len());
        out.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    Cow::Owned(out)
}

fn push(name: &str, out: &mut String) -> bool {
    let Some(number) = name.strip_prefix('#') else {
        return resolve_html5_entity(name).is_some_and(|text| {
            out.push_str(text);
            true
        });
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    let Ok(code) = code else { return false };
    match code {
        // Numbers of the C1 range mean windows-1252 to every browser.
        0x80..=0x9F => out.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[code.to_le_bytes()[0]]).0),
        0 => out.push(char::REPLACEMENT_CHARACTER),
        code => out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_characters_and_the_rest_stays() {
        assert_eq!(decode("a&amp;b&nbsp;c&#233;&#x4E2D;&mdash;&#151;"), "a&b\u{A0}cé中——");
        assert_eq!(decode("AT&T & Sons &nosuch; &#xZZ; &"), "AT&T & Sons &nosuch; &#xZZ; &");
        assert_eq!(decode("&#0;&#99999999;&#xD800;"), "\u{FFFD}\u{FFFD}\u{FFFD}");
    }
}
