//! What the person could set up better, in words. Pure.

use epitome_model::{HostVitals, ProviderKind, Remaining};

/// Calls at a time worth setting a server up for: beyond it the gain flattens and the memory for windows grows.
const WORTH: u32 = 4;

/// How much faster a server gets from one call at a time to two and to [`WORTH`]: the lowest of the published curves
/// that rise at all (llama.cpp on CUDA, PERFORMANCE.md 1.3).
const GAIN: [f64; 3] = [1.0, 1.09, 2.08];

/// Less time than this is not worth a change of settings.
const LEAST_S: u32 = 120;

/// Model families that Ollama runs with one slot whatever its settings (OLLAMA.md, rule 20), as their names begin.
const ONE_SLOT: [&str; 10] = [
    "qwen3-vl",
    "qwen3vl",
    "qwen3.5",
    "qwen35",
    "qwen3-next",
    "qwen3next",
    "lfm2",
    "nemotron-h",
    "nemotron_h",
    "llama3.2-vision",
];

/// A sentence on calls at a time, where the server works on fewer than it could. Parts to copy stand in backticks; a
/// line for each system.
pub(crate) fn advice(
    kind: ProviderKind,
    model: &str,
    hosts: &[HostVitals],
    remaining: Option<Remaining>,
) -> Option<String> {
    let slots = hosts.iter().filter_map(|host| host.slots).min()?;
    let left = remaining.filter(|remaining| remaining.likely_s >= LEAST_S)?;
    if kind != ProviderKind::Ollama || slots >= WORTH || hosts.iter().any(|host| host.seeking) {
        return None;
    }
    let bare = model.rsplit('/').next().unwrap_or(model).to_lowercase();
    if slots == 1 && ONE_SLOT.iter().any(|family| bare.starts_with(family)) {
        return Some(format!(
            "Ollama runs {model} one call at a time whatever its settings. A model of another family, such as \
             llama3.1:8b, can work on several chapters at once."
        ));
    }
    let before = match slots {
        0 | 1 => GAIN[0],
        2 => GAIN[1],
        _ => f64::midpoint(GAIN[1], GAIN[2]),
    };
    let minutes = |seconds: f64| (seconds / 60.0).round().max(1.0);
    let (now, then) = (f64::from(left.likely_s), f64::from(left.likely_s) * before / GAIN[2]);
    let calls = if slots == 1 { "1 call".to_owned() } else { format!("{slots} calls") };
    Some(format!(
        "Ollama serves {calls} at a time; with `OLLAMA_NUM_PARALLEL={WORTH}` the rest of this book would take about \
         {:.0} instead of {:.0} min on a usual graphics card.\n\
         Linux (systemd): `sudo systemctl edit ollama`, add the line `Environment=\"OLLAMA_NUM_PARALLEL={WORTH}\"` under \
         [Service], then `sudo systemctl restart ollama`.\n\
         macOS: `launchctl setenv OLLAMA_NUM_PARALLEL {WORTH}`, then quit and start Ollama.\n\
         Windows: `setx OLLAMA_NUM_PARALLEL {WORTH}`, then quit and start Ollama.",
        minutes(then),
        minutes(now),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(slots: Option<u32>, seeking: bool) -> HostVitals {
        HostVitals { slots, seeking, ..HostVitals::default() }
    }

    fn left(likely_s: u32) -> Remaining {
        Remaining { low_s: likely_s / 2, likely_s, high_s: likely_s * 2 }
    }

    #[test]
    fn a_server_with_one_slot_is_worth_a_word_with_what_it_would_bring() {
        let text = advice(ProviderKind::Ollama, "llama3.1:8b", &[host(Some(1), false)], Some(left(38 * 60))).unwrap();
        assert!(text.contains("serves 1 call at a time") && text.contains("about 18 instead of 38 min"), "{text}");
        for system in ["systemctl edit ollama", "launchctl setenv OLLAMA_NUM_PARALLEL 4", "setx OLLAMA_NUM_PARALLEL 4"]
        {
            assert!(text.contains(system), "{text}");
        }
    }

    #[test]
    fn it_is_silent_where_there_is_nothing_to_gain_or_to_know() {
        let of = |slots, seeking, seconds| {
            advice(ProviderKind::Ollama, "m", &[host(slots, seeking)], Some(left(seconds))).is_some()
        };
        assert!(of(Some(2), false, 3_000));
        assert!(!of(Some(4), false, 3_000) && !of(None, false, 3_000));
        assert!(!of(Some(1), true, 3_000) && !of(Some(1), false, 60));
        assert!(advice(ProviderKind::OpenAi, "m", &[host(Some(1), false)], Some(left(3_000))).is_none());
    }

    #[test]
    fn a_model_that_always_has_one_slot_is_not_blamed_on_the_settings() {
        let text = advice(ProviderKind::Ollama, "qwen3-vl:8b", &[host(Some(1), false)], Some(left(3_000))).unwrap();
        assert!(text.contains("whatever its settings") && !text.contains("OLLAMA_NUM_PARALLEL"));
    }
}
