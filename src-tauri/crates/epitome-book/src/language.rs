//! The language of a text, where the file does not say it. For the format readers.

use whatlang::{Detector, Lang};

/// Bytes looked at; more does not make the guess better.
const SAMPLE: usize = 24_000;

/// A BCP 47 tag from what a file says, tidied; `None` for what is no language.
pub fn tag(said: &str) -> Option<String> {
    let said = said.trim().replace('_', "-");
    let primary = said.split('-').next()?;
    let shaped = (2..=3).contains(&primary.len()) && said.len() <= 35;
    let plain = said.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let none = ["und", "zxx", "mis", "mul"].iter().any(|no| primary.eq_ignore_ascii_case(no));
    if !shaped || !plain || none {
        return None;
    }
    let mut parts = said.split('-').map(|part| match part.len() {
        4 => format!("{}{}", part[..1].to_ascii_uppercase(), part[1..].to_ascii_lowercase()),
        2 => part.to_ascii_uppercase(),
        _ => part.to_ascii_lowercase(),
    });
    let first = parts.next()?.to_ascii_lowercase();
    Some(std::iter::once(first).chain(parts).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-"))
}

/// English names of languages as Project Gutenberg's headers give them.
pub fn by_name(name: &str) -> Option<String> {
    const NAMES: &[(&str, &str)] = &[
        ("english", "en"),
        ("french", "fr"),
        ("german", "de"),
        ("spanish", "es"),
        ("italian", "it"),
        ("portuguese", "pt"),
        ("dutch", "nl"),
        ("finnish", "fi"),
        ("swedish", "sv"),
        ("danish", "da"),
        ("norwegian", "no"),
        ("russian", "ru"),
        ("chinese", "zh"),
        ("japanese", "ja"),
        ("korean", "ko"),
        ("arabic", "ar"),
        ("greek", "el"),
        ("latin", "la"),
        ("polish", "pl"),
        ("hungarian", "hu"),
        ("czech", "cs"),
        ("catalan", "ca"),
        ("esperanto", "eo"),
        ("hebrew", "he"),
        ("tagalog", "tl"),
        ("romanian", "ro"),
        ("ukrainian", "uk"),
        ("turkish", "tr"),
        ("welsh", "cy"),
        ("irish", "ga"),
    ];
    let name = name.trim().to_lowercase();
    NAMES.iter().find(|(known, _)| name.starts_with(known)).map(|(_, tag)| (*tag).to_owned())
}

/// The language of `text`, taken from its middle; `None` when the guess is not reliable.
pub fn detect(text: &str) -> Option<String> {
    let mut start = text.len().saturating_sub(SAMPLE) / 2;
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let mut end = (start + SAMPLE).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let found = Detector::new().detect(&text[start..end])?;
    if !found.is_reliable() {
        return None;
    }
    // BCP 47 wants the two-letter code where there is one (RFC 5646, section 2.2.1).
    Some(short(found.lang()).unwrap_or(found.lang().code()).to_owned())
}

fn short(lang: Lang) -> Option<&'static str> {
    const CODES: &str = "epo:eo eng:en rus:ru cmn:zh spa:es por:pt ita:it ben:bn fra:fr deu:de ukr:uk kat:ka ara:ar \
        hin:hi jpn:ja heb:he yid:yi pol:pl amh:am jav:jv kor:ko nob:nb dan:da swe:sv fin:fi tur:tr nld:nl hun:hu ces:cs \
        ell:el bul:bg bel:be mar:mr kan:kn ron:ro slv:sl hrv:hr srp:sr mkd:mk lit:lt lav:lv est:et tam:ta vie:vi urd:ur \
        tha:th guj:gu uzb:uz pan:pa aze:az ind:id tel:te pes:fa mal:ml ori:or mya:my nep:ne sin:si khm:km tuk:tk aka:ak \
        zul:zu sna:sn afr:af lat:la slk:sk cat:ca tgl:tl hye:hy cym:cy";
    CODES.split_ascii_whitespace().find_map(|pair| pair.strip_prefix(lang.code())?.strip_prefix(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_says_is_tidied() {
        assert_eq!(tag("en_us"), Some("en-US".into()));
        assert_eq!(tag(" zh-hant-tw "), Some("zh-Hant-TW".into()));
        assert_eq!(tag("und"), None);
        assert_eq!(tag("English please"), None);
    }

    #[test]
    fn a_language_is_guessed_only_when_sure() {
        assert_eq!(
            detect(
                "Alle glücklichen Familien gleichen einander, jede unglückliche Familie ist auf ihre eigene Weise unglücklich. Im Hause Oblonski war alles durcheinandergeraten."
            ),
            Some("de".into())
        );
        assert_eq!(detect("国境の長いトンネルを抜けると雪国であった。夜の底が白くなった。"), Some("ja".into()));
        assert_eq!(detect("123 456"), None);
    }
}
