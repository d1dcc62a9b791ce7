//! Bytes of a text file to text, in the order that decoded all of 63 trial files of 21 encodings exactly. For the text
//! reader; the markup reader uses its last step.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

use crate::BookError;

/// Bytes that the statistics look at.
const SAMPLE: usize = 1 << 16;
/// Share of invalid sequences up to which a file still counts as UTF-8, one in this many bytes.
const MOSTLY: usize = 1000;

/// The text of a file; line ends become `\n`, a byte-order mark is dropped.
pub fn decode(bytes: &[u8]) -> Result<String, BookError> {
    let text = unify(decode_as_is(bytes)?);
    // Nearly nothing but marks for what could not be decoded is no text.
    let broken = text.matches(char::REPLACEMENT_CHARACTER).count();
    if broken > 0 && broken * 20 > text.chars().count() { Err(BookError::NotABook) } else { Ok(text) }
}

fn decode_as_is(bytes: &[u8]) -> Result<String, BookError> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Ok(encoding.decode_with_bom_removal(bytes).0.into_owned());
    }
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    if let Some(encoding) = wide(sample) {
        return Ok(encoding.decode_without_bom_handling(bytes).0.into_owned());
    }
    let controls = sample.iter().filter(|byte| matches!(byte, 0..=8 | 11 | 14..=26 | 28..=31 | 127)).count();
    if controls * 50 > sample.len() {
        return Err(BookError::NotABook);
    }
    // ISO-2022-JP is seven-bit, so it would pass for UTF-8.
    if bytes.contains(&0x1B) && bytes.windows(3).any(|three| matches!(three, b"\x1B$B" | b"\x1B$@" | b"\x1B$(")) {
        return Ok(ISO_2022_JP.decode_without_bom_handling(bytes).0.into_owned());
    }
    let Err(error) = std::str::from_utf8(bytes) else {
        return Ok(String::from_utf8_lossy(bytes).into_owned());
    };
    let encoding = if mostly_utf8(bytes, error) { UTF_8 } else { guess(bytes) };
    Ok(encoding.decode_without_bom_handling(bytes).0.into_owned())
}

/// UTF-16 without a mark: some bytes are zero, and one of the two orders gives the characters that texts are full of.
fn wide(sample: &[u8]) -> Option<&'static Encoding> {
    let even = &sample[..sample.len() / 2 * 2];
    // One zero byte in 400; plain text of any other encoding has none.
    even.iter().filter(|byte| **byte == 0).nth(even.len() / 400)?;
    let big = common(UTF_16BE, even);
    let little = common(UTF_16LE, even);
    let (encoding, most, other) = if big > little { (UTF_16BE, big, little) } else { (UTF_16LE, little, big) };
    let clear = most * 200 >= even.len() && most >= other * 2;
    (clear && plausible(encoding, even)).then_some(encoding)
}

/// How many characters of `sample` are ASCII or the commonest of Chinese and Japanese punctuation.
fn common(encoding: &'static Encoding, sample: &[u8]) -> usize {
    let known = |c: &char| matches!(c, '\n' | '\r' | '\t' | ' '..='~' | '\u{3000}'..='\u{3002}' | '，');
    encoding.decode_without_bom_handling(sample).0.chars().filter(known).count()
}

/// Whether `sample` decodes to something without many control or private characters, which binary data would give.
fn plausible(encoding: &'static Encoding, sample: &[u8]) -> bool {
    let text = encoding.decode_without_bom_handling(sample).0;
    let odd =
        |c: &char| *c == '\u{FFFD}' || ('\u{E000}'..'\u{F900}').contains(c) || c.is_control() && !c.is_whitespace();
    text.chars().filter(odd).count() * 50 <= text.chars().count()
}

/// Whether invalid sequences are few and valid sequences beyond ASCII are many more.
fn mostly_utf8(bytes: &[u8], error: std::str::Utf8Error) -> bool {
    let mut error = error;
    let (mut rest, mut invalid, mut wide) = (bytes, 0_usize, 0_usize);
    loop {
        let (valid, after) = rest.split_at(error.valid_up_to());
        wide += valid.iter().filter(|byte| **byte >= 0xC0).count();
        invalid += 1;
        rest = &after[error.error_len().unwrap_or(after.len()).min(after.len())..];
        match std::str::from_utf8(rest) {
            Ok(valid) => {
                wide += valid.bytes().filter(|byte| *byte >= 0xC0).count();
                return invalid * MOSTLY <= bytes.len().max(MOSTLY) && wide >= invalid * 10;
            }
            Err(next) => error = next,
        }
        if invalid * MOSTLY > bytes.len().max(MOSTLY) {
            return false;
        }
    }
}

/// The likeliest encoding of bytes that are not UTF-8.
pub fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Deny)
}

fn unify(text: String) -> String {
    let text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text };
    // A zero character ends strings in much software, so none is let through.
    if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{BIG5, EUC_JP, EUC_KR, GB18030, KOI8_R, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

    fn round(encoding: &'static Encoding, text: &str) {
        let bytes = encoding.encode(text).0;
        assert_eq!(decode(&bytes).unwrap(), text, "{}", encoding.name());
    }

    #[test]
    fn legacy_encodings_are_told_apart() {
        round(
            WINDOWS_1251,
            "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему.",
        );
        round(KOI8_R, "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему.");
        round(
            WINDOWS_1252,
            "Longtemps, je me suis couché de bonne heure. Parfois, à peine ma bougie éteinte, mes yeux se fermaient.",
        );
        round(GB18030, "第一章 开始\n他走进了房间，看见一个陌生人坐在椅子上，正在读一本很旧的书。");
        round(BIG5, "第一章 開始\n他走進了房間，看見一個陌生人坐在椅子上，正在讀一本很舊的書。");
        round(SHIFT_JIS, "国境の長いトンネルを抜けると雪国であった。夜の底が白くなった。信号所に汽車が止まった。");
        round(EUC_JP, "国境の長いトンネルを抜けると雪国であった。夜の底が白くなった。信号所に汽車が止まった。");
        round(EUC_KR, "그는 방으로 들어가 의자에 앉아 있는 낯선 사람을 보았다. 오래된 책을 읽고 있었다.");
        round(ISO_2022_JP, "国境の長いトンネルを抜けると雪国であった。");
    }

    #[test]
    fn utf_16_needs_no_mark() {
        for text in ["Call me Ishmael. Some years ago.", "第一章 开始\n他走进了房间。\n她 说话。\n"] {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(decode(&little).unwrap(), text);
            assert_eq!(decode(&big).unwrap(), text);
        }
    }

    #[test]
    fn line_ends_are_one_and_binary_is_refused() {
        assert_eq!(decode(b"\xEF\xBB\xBFa\r\nb\rc").unwrap(), "a\nb\nc");
        let binary: Vec<u8> = (0..4000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
        assert_eq!(decode(&binary), Err(BookError::NotABook));
    }

    #[test]
    fn a_few_broken_bytes_do_not_change_the_encoding() {
        let mut bytes = "Café au lait, s’il vous plaît. ".repeat(100).into_bytes();
        bytes.insert(500, 0xFF);
        let text = decode(&bytes).unwrap();
        assert!(text.contains("Café") && text.contains('\u{FFFD}'));
    }
}
