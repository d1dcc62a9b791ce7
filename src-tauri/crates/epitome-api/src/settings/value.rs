//! One value of one setting: checked, and put into the form the program keeps.

use std::path::PathBuf;

use epitome_model::{ErrorCode, WireError};

use super::knobs::{Kind, Knob};

/// The value as it is kept, or a sentence that names the setting, the value and what is allowed.
pub fn check(knob: &Knob, value: &str) -> Result<String, WireError> {
    let value = value.trim();
    normal(&knob.kind, value).ok_or_else(|| {
        WireError::new(
            ErrorCode::BadSetting,
            format!("The setting {} cannot be \u{201c}{}\u{201d}.", knob.key, shortened(value)),
            format!("Allowed: {}.", range(knob)),
        )
    })
}

/// Enough of a value to know it by.
fn shortened(value: &str) -> String {
    match value.char_indices().nth(80) {
        Some((end, _)) => format!("{}\u{2026}", &value[..end]),
        None => value.to_owned(),
    }
}

/// The one form in which a value is kept; none when it is not allowed.
fn normal(kind: &Kind, value: &str) -> Option<String> {
    match *kind {
        Kind::Whole { min, max } => whole(value, min, max),
        Kind::WholeOr { min, max, word } => this_word(value, word).or_else(|| whole(value, min, max)),
        Kind::Decimal { min, max } => decimal(value, min, max),
        Kind::DecimalOr { min, max, word } => this_word(value, word).or_else(|| decimal(value, min, max)),
        Kind::Choice(choices) => choice(value, choices),
        Kind::Several(choices) => several(value, |word| choice(word, choices)),
        Kind::Address { port } => address(value, port),
        Kind::Addresses { port } => several(value, |text| address(text, port)),
        Kind::KeepAlive => is_keep_alive(value).then(|| value.to_owned()),
        Kind::Folder => folder(value),
        Kind::Words { most } => text(value, most),
        Kind::Text => (value.chars().count() <= 200 && !value.contains(char::is_control)).then(|| value.to_owned()),
    }
}

/// What is allowed, in words.
pub fn range(knob: &Knob) -> String {
    match knob.kind {
        Kind::Whole { min, max } => format!("a whole number from {min} to {max}"),
        Kind::WholeOr { min, max, word } => format!("{word}, or a whole number from {min} to {max}"),
        Kind::Decimal { min, max } => format!("a number from {min} to {max}"),
        Kind::DecimalOr { min, max, word } => format!("{word}, or a number from {min} to {max}"),
        Kind::Choice(choices) => choices.join(", "),
        Kind::Several(choices) => format!("any of {}, separated by commas, or empty", choices.join(", ")),
        Kind::Address { port } => format!("an address such as http://127.0.0.1:{port}"),
        Kind::Addresses { port } => {
            format!("addresses such as http://192.168.0.2:{port}, separated by commas, or empty")
        }
        Kind::KeepAlive => "a time such as 10m, 300s or 1h, or -1 for ever".to_owned(),
        Kind::Folder => "the whole path of a folder, or empty for none".to_owned(),
        Kind::Words { most } => format!("a text of up to {most} characters, or empty for the usual one"),
        Kind::Text => "up to 200 characters in one line, or empty".to_owned(),
    }
}

/// A whole path; `~` is the person's home. Whether the folder is there is seen when it is used: it may come back.
fn folder(value: &str) -> Option<String> {
    if value.is_empty() {
        return Some(String::new());
    }
    let path = match value.strip_prefix("~/") {
        Some(within) => directories::BaseDirs::new()?.home_dir().join(within),
        None => PathBuf::from(value),
    };
    let text = path.to_str()?;
    (path.is_absolute() && text.chars().count() <= LONGEST_PATH && !text.contains(char::is_control))
        .then(|| text.to_owned())
}

/// Characters of a path.
const LONGEST_PATH: usize = 1_000;

/// Lines end as they do here, whatever wrote them; no other control characters, which a model would stumble over.
fn text(value: &str, most: usize) -> Option<String> {
    let value = value.replace("\r\n", "\n");
    let allowed = |letter: char| !letter.is_control() || matches!(letter, '\n' | '\t');
    (value.chars().count() <= most && value.chars().all(allowed)).then_some(value)
}

/// The entries of a list as it is kept.
pub fn entries(value: &str) -> impl Iterator<Item = &str> {
    value.split(|letter: char| letter == ',' || letter.is_whitespace()).filter(|entry| !entry.is_empty())
}

/// Least and most at once, as in `6-8`; a single number is both.
pub fn span(value: &str) -> (&str, &str) {
    let (least, most) = value.split_once('-').unwrap_or((value, value));
    (least.trim(), most.trim())
}

/// Every entry checked, each kept once.
fn several(value: &str, check: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut kept: Vec<String> = Vec::new();
    for entry in entries(value) {
        let entry = check(entry)?;
        if !kept.contains(&entry) {
            kept.push(entry);
        }
    }
    Some(kept.join(", "))
}

fn choice(value: &str, choices: &[&str]) -> Option<String> {
    let wanted = value.to_ascii_lowercase().replace('_', "-");
    choices.iter().find(|choice| **choice == wanted).map(|choice| (*choice).to_owned())
}

fn this_word(value: &str, word: &str) -> Option<String> {
    value.eq_ignore_ascii_case(word).then(|| word.to_owned())
}

fn address(value: &str, port: u16) -> Option<String> {
    let url = epitome_llm::normalise_url(value).ok()?;
    let names_a_port = value.contains("://") || value.contains(OLLAMA_PORT);
    // Without a port the reader of addresses means Ollama's.
    Some(if names_a_port { url } else { url.replacen(OLLAMA_PORT, &format!(":{port}"), 1) })
}

/// What an address without scheme and port is completed with.
const OLLAMA_PORT: &str = ":11434";

fn decimal(value: &str, min: f32, max: f32) -> Option<String> {
    let number: f32 = value.parse().ok()?;
    (min..=max).contains(&number).then(|| number.to_string())
}

fn whole(value: &str, min: u32, max: u32) -> Option<String> {
    let number: u32 = value.replace(['_', ','], "").parse().ok()?;
    (min..=max).contains(&number).then(|| number.to_string())
}

fn is_keep_alive(value: &str) -> bool {
    let digits = value.trim_start_matches('-').trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let unit = &value[value.len() - value.trim_start_matches('-').len() + digits.len()..];
    !digits.is_empty() && digits.parse::<f64>().is_ok() && matches!(unit, "" | "s" | "m" | "h" | "ms")
}

#[cfg(test)]
mod tests {
    use super::super::knobs::{KNOBS, knob};
    use super::*;
    use epitome_model::Profile;

    #[test]
    fn every_default_is_allowed_and_already_in_the_form_it_is_kept() {
        for knob in KNOBS {
            for profile in [Profile::Baseline, Profile::Track1, Profile::Auto] {
                let value = knob.default(profile);
                assert_eq!(check(knob, value).as_deref(), Ok(value), "{}", knob.key);
            }
        }
    }

    #[test]
    fn keys_and_variables_are_used_once() {
        let keys: std::collections::BTreeSet<_> = KNOBS.iter().map(|knob| knob.key).collect();
        let variables: std::collections::BTreeSet<_> = KNOBS.iter().map(|knob| knob.environment).collect();
        assert_eq!((keys.len(), variables.len()), (KNOBS.len(), KNOBS.len()));
    }

    #[test]
    fn a_long_text_is_refused_in_a_short_sentence() {
        let style = knob("prompt.style").unwrap();
        let error = check(style, &"word ".repeat(500)).unwrap_err();
        assert!(error.message.chars().count() < 140 && error.hint.contains("2000 characters"), "{error}");
        assert!(check(style, "a\u{7}b").is_err() && check(style, &"w".repeat(2_000)).is_ok());
    }

    #[test]
    fn values_are_checked() {
        let check_key = |key: &str, value: &str| check(knob(key).unwrap(), value).map_err(|error| error.message);
        for (key, value, kept) in [
            ("llm.concurrency", " 8 ", "8"),
            ("llm.concurrency", "AUTO", "auto"),
            ("provider.choice", "Built_In", "built-in"),
            ("llm.keep_alive", "-1", "-1"),
            ("llm.keep_alive", "1h", "1h"),
            ("llm.temperature", "0.70", "0.7"),
            ("llm.window_max", "16,384", "16384"),
            ("enqueue.batch", "ALL", "all"),
            ("enqueue.batch", "50", "50"),
            ("enqueue.high_water", "Off", "off"),
            ("enqueue.high_water", "0.90", "0.9"),
            ("writer.results", "at_once", "at-once"),
            ("provider.fallback", "OpenAI built-in,openai", "openai, built-in"),
            ("provider.fallback", "", ""),
            ("ollama.more_urls", "box:1234,  http://other  box:1234", "http://box:1234, http://other"),
            ("openai.url", "box", "http://box:8080"),
            ("openai.url", "box:9000/v1", "http://box:9000/v1"),
            ("openai.url", "box:11434", "http://box:11434"),
            ("openai.url", "https://box/v1/", "https://box/v1"),
            #[cfg(unix)]
            ("inbox.folder", "/books/new", "/books/new"),
            ("prompt.style", "One.\r\nTwo.", "One.\nTwo."),
        ] {
            assert_eq!(check_key(key, value).as_deref(), Ok(kept), "{key} = {value}");
        }
        for (key, value) in [
            ("llm.concurrency", "0"),
            ("llm.concurrency", "many"),
            ("llm.concurrency", "65"),
            ("llm.temperature", "hot"),
            ("llm.temperature", "NaN"),
            ("llm.keep_alive", "soon"),
            ("llm.keep_alive", "10 parsecs"),
            ("profile", "fast"),
            ("llm.attempts", "-1"),
            ("ollama.model", "a\nb"),
            ("enqueue.batch", "0"),
            ("enqueue.batch", "auto"),
            ("enqueue.high_water", "1.01"),
            ("enqueue.high_water", "0.05"),
            ("enqueue.high_water", "NaN"),
            ("breaker.rule", "strict"),
            ("breaker.error_rate", "20"),
            ("provider.fallback", "ollama, cloud"),
            ("ollama.more_urls", "http://box, ftp://box"),
            ("job.weight", "101"),
            ("workers.max", "6-8"),
            ("inbox.folder", "books/new"),
        ] {
            let message = check_key(key, value).unwrap_err();
            // On one line, whatever was typed.
            let shown = value.replace('\n', " ");
            assert!(message.contains(key) && message.contains(&shown), "{message}");
        }
    }
}
