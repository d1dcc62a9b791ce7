//! One value of one setting: checked, and put into the form the program keeps.

use epitome_model::{ErrorCode, WireError};

use super::knobs::{Kind, Knob};

/// The value as it is kept, or a sentence that names the setting, the value and what is allowed.
pub fn check(knob: &Knob, value: &str) -> Result<String, WireError> {
    let value = value.trim();
    let normal = match knob.kind {
        Kind::Whole { min, max } => whole(value, min, max),
        Kind::WholeOrAuto { min, max } => {
            if value.eq_ignore_ascii_case("auto") {
                Some("auto".to_owned())
            } else {
                whole(value, min, max)
            }
        }
        Kind::Decimal { min, max } => {
            let number: Option<f32> = value.parse().ok();
            number.filter(|number| (min..=max).contains(number)).map(|number| number.to_string())
        }
        Kind::Choice(choices) => {
            let wanted = value.to_ascii_lowercase().replace('_', "-");
            choices.iter().find(|choice| **choice == wanted).map(|choice| (*choice).to_owned())
        }
        Kind::Address => epitome_llm::normalise_url(value).ok(),
        Kind::KeepAlive => is_keep_alive(value).then(|| value.to_owned()),
        Kind::Text => (value.chars().count() <= 200 && !value.contains(char::is_control)).then(|| value.to_owned()),
    };
    normal.ok_or_else(|| {
        WireError::new(
            ErrorCode::BadSetting,
            format!("The setting {} cannot be \u{201c}{value}\u{201d}.", knob.key),
            format!("Allowed: {}.", range(knob)),
        )
    })
}

/// What is allowed, in words.
pub fn range(knob: &Knob) -> String {
    match knob.kind {
        Kind::Whole { min, max } => format!("a whole number from {min} to {max}"),
        Kind::WholeOrAuto { min, max } => format!("auto, or a whole number from {min} to {max}"),
        Kind::Decimal { min, max } => format!("a number from {min} to {max}"),
        Kind::Choice(choices) => choices.join(", "),
        Kind::Address => "an address such as http://127.0.0.1:11434".to_owned(),
        Kind::KeepAlive => "a time such as 10m, 300s or 1h, or -1 for ever".to_owned(),
        Kind::Text => "up to 200 characters in one line, or empty".to_owned(),
    }
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
        ] {
            let message = check_key(key, value).unwrap_err();
            assert!(message.contains(key) && message.contains(value), "{message}");
        }
    }
}
