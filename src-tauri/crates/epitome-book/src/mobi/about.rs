//! What a Kindle book says of itself: title, authors, language, cover. For the Kindle reader.

use epitome_model::BookMeta;

use super::decode;
use super::header::Header;
use super::palm::Records;
use crate::markup::decode_entities;
use crate::{Cover, language};

/// Types of metadata entries (<https://wiki.mobileread.com/wiki/MOBI#EXTH_Header>).
const AUTHOR: usize = 100;
const COVER: usize = 201;
const THUMBNAIL: usize = 202;
const TITLE: usize = 503;
const LANGUAGE: usize = 524;

pub fn meta(records: &Records<'_>, header: &Header<'_>) -> BookMeta {
    let text = |bytes: &[u8]| {
        let text = decode(bytes, header.encoding);
        decode_entities(&text).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let titles = header.values(TITLE).chain(header.full_name()).map(text);
    let title = titles.chain([records.name()]).map(|title| title.trim().to_owned()).find(|title| !title.is_empty());
    let mut authors: Vec<String> = Vec::new();
    for author in header.values(AUTHOR).map(text).filter(|author| !author.is_empty()) {
        if !authors.contains(&author) {
            authors.push(author);
        }
    }
    let said = header.values(LANGUAGE).find_map(|value| language::tag(&text(value)));
    let language = said.or_else(|| header.locale().and_then(by_locale).map(str::to_owned));
    BookMeta { title: title.unwrap_or_default(), authors, language, series: None }
}

/// The language of a Windows locale, by its lower bits
/// (<https://learn.microsoft.com/openspecs/windows_protocols/ms-lcid>).
fn by_locale(locale: usize) -> Option<&'static str> {
    const LANGUAGES: [&str; 70] = [
        "", "ar", "bg", "ca", "zh", "cs", "da", "de", "el", "en", "es", "fi", "fr", "he", "hu", "is", "it", "ja", "ko",
        "nl", "no", "pl", "pt", "rm", "ro", "ru", "hr", "sk", "sq", "sv", "th", "tr", "ur", "id", "uk", "be", "sl",
        "et", "lv", "lt", "tg", "fa", "vi", "hy", "az", "eu", "hsb", "mk", "st", "ts", "tn", "ve", "xh", "zu", "af",
        "ka", "fo", "hi", "mt", "se", "ga", "yi", "ms", "kk", "ky", "sw", "tk", "uz", "tt", "bn",
    ];
    LANGUAGES.get(locale & 0x3FF).copied().filter(|tag| !tag.is_empty())
}

/// The cover, or else its thumbnail. Pictures are counted from `first`.
pub fn cover(records: &Records<'_>, header: &Header<'_>, first: Option<usize>) -> Option<Cover> {
    [COVER, THUMBNAIL].iter().find_map(|kind| {
        let index = first?.checked_add(header.said_number(*kind)?)?;
        Cover::of(records.get(index)?.to_vec())
    })
}
