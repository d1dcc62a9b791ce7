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

/// What the card has room for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// Memory for windows in MiB (`llm.kv_mib`).
    pub kv_mib: u32,
    /// Tokens of a window, and bytes of card memory for each.
    pub window: u32,
    pub bytes_per_token: u64,
}

impl Room {
    /// Windows that fit side by side.
    fn windows(self) -> u32 {
        let each = (u64::from(self.window) * self.bytes_per_token).max(1);
        u32::try_from((u64::from(self.kv_mib) << 20) / each).unwrap_or(u32::MAX)
    }
}

/// A sentence on calls at a time, where a server works on fewer than it could. Parts to copy stand in backticks; a
/// line for each system. `room` is absent where the model does not tell what a window takes.
pub(crate) fn advice(
    kind: ProviderKind,
    model: &str,
    hosts: &[HostVitals],
    remaining: Option<Remaining>,
    room: Option<Room>,
) -> Option<String> {
    let (host, slots) =
        hosts.iter().filter_map(|host| Some((host, host.slots?.max(1)))).min_by_key(|(_, slots)| *slots)?;
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
    // More windows than the card holds would push the model off it.
    let wanted = room.map_or(WORTH, |room| room.windows().min(WORTH));
    if wanted <= slots {
        return None;
    }
    let minutes = |seconds: f64| (seconds / 60.0).round().max(1.0);
    let now = f64::from(left.likely_s);
    let then = now / faster(hosts, host, gain(wanted) / gain(slots));
    let calls = if slots == 1 { "1 call".to_owned() } else { format!("{slots} calls") };
    let server = if hosts.len() > 1 { format!("Ollama at {}", host.name) } else { "Ollama".to_owned() };
    Some(format!(
        "{server} serves {calls} at a time; with `OLLAMA_NUM_PARALLEL={wanted}` the rest of this book would take about \
         {:.0} instead of {:.0} min on a usual graphics card.\n\
         Linux (systemd): `sudo systemctl edit ollama`, add the line `Environment=\"OLLAMA_NUM_PARALLEL={wanted}\"` under \
         [Service], then `sudo systemctl restart ollama`.\n\
         macOS: `launchctl setenv OLLAMA_NUM_PARALLEL {wanted}`, then quit and start Ollama.\n\
         Windows: `setx OLLAMA_NUM_PARALLEL {wanted}`, then quit and start Ollama.",
        minutes(then),
        minutes(now),
    ))
}

/// How much faster a server is with so many calls at a time than with one.
fn gain(calls: u32) -> f64 {
    match calls {
        0 | 1 => GAIN[0],
        2 => GAIN[1],
        3 => f64::midpoint(GAIN[1], GAIN[2]),
        _ => GAIN[2],
    }
}

/// How much faster all servers together are when one of them becomes `times` as fast, by what each of them writes now.
fn faster(hosts: &[HostVitals], host: &HostVitals, times: f64) -> f64 {
    let rate = |host: &HostVitals| f64::from(host.tokens_out_per_s);
    let all: f64 = hosts.iter().map(rate).sum();
    let share = if all > 0.0 { rate(host) / all } else { 1.0 / hosts.len().max(1) as f64 };
    1.0 + share * (times - 1.0)
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
        let text =
            advice(ProviderKind::Ollama, "llama3.1:8b", &[host(Some(1), false)], Some(left(38 * 60)), None).unwrap();
        assert!(text.contains("serves 1 call at a time") && text.contains("about 18 instead of 38 min"), "{text}");
        for system in ["systemctl edit ollama", "launchctl setenv OLLAMA_NUM_PARALLEL 4", "setx OLLAMA_NUM_PARALLEL 4"]
        {
            assert!(text.contains(system), "{text}");
        }
    }

    #[test]
    fn it_is_silent_where_there_is_nothing_to_gain_or_to_know() {
        let of = |slots, seeking, seconds| {
            advice(ProviderKind::Ollama, "m", &[host(slots, seeking)], Some(left(seconds)), None).is_some()
        };
        assert!(of(Some(2), false, 3_000));
        assert!(!of(Some(4), false, 3_000) && !of(None, false, 3_000));
        assert!(!of(Some(1), true, 3_000) && !of(Some(1), false, 60));
        assert!(advice(ProviderKind::OpenAi, "m", &[host(Some(1), false)], Some(left(3_000)), None).is_none());
    }

    #[test]
    fn no_more_windows_are_advised_than_the_card_holds() {
        let of = |kv_mib| {
            let room = Room { kv_mib, window: 8_192, bytes_per_token: 131_072 };
            advice(ProviderKind::Ollama, "m", &[host(Some(1), false)], Some(left(3_000)), Some(room))
        };
        assert!(of(8_192).unwrap().contains("OLLAMA_NUM_PARALLEL=4"));
        assert!(of(3_500).unwrap().contains("OLLAMA_NUM_PARALLEL=3"));
        assert_eq!(of(1_500), None, "one window is all there is room for");
    }

    #[test]
    fn of_several_servers_it_names_the_one_and_weighs_it_by_what_it_writes() {
        let named = |name: &str, slots, tokens_out_per_s| HostVitals {
            name: name.to_owned(),
            tokens_out_per_s,
            ..host(Some(slots), false)
        };
        let hosts = [named("http://a", 8, 300.0), named("http://b", 1, 100.0)];
        let text = advice(ProviderKind::Ollama, "m", &hosts, Some(left(60 * 60)), None).unwrap();
        // A quarter of the work becomes 2.08 times as fast: 60 / 1.27.
        assert!(
            text.starts_with("Ollama at http://b serves 1 call") && text.contains("47 instead of 60 min"),
            "{text}"
        );
    }

    #[test]
    fn a_model_that_always_has_one_slot_is_not_blamed_on_the_settings() {
        let text =
            advice(ProviderKind::Ollama, "qwen3-vl:8b", &[host(Some(1), false)], Some(left(3_000)), None).unwrap();
        assert!(text.contains("whatever its settings") && !text.contains("OLLAMA_NUM_PARALLEL"));
    }
}
