//! The `options` of a request: which of them shape the runner, which the answer (OLLAMA.md 5.1).

use serde_json::{Map, Value};

/// Options that a loaded model was started with; any difference reloads it (F15).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunnerOptions {
    /// After the default and the clamp to the trained window.
    pub num_ctx: usize,
    pub num_batch: Option<i64>,
    pub num_gpu: Option<i64>,
    pub main_gpu: Option<i64>,
    pub use_mmap: Option<bool>,
    pub num_thread: Option<i64>,
    pub draft_num_predict: Option<i64>,
    pub shift: bool,
}

/// What a request asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    pub num_ctx: Option<i64>,
    pub num_predict: i64,
    pub num_keep: i64,
    pub stop: Vec<String>,
    runner: RunnerOptions,
}

const INTEGERS: [&str; 12] = [
    "num_ctx",
    "num_batch",
    "num_gpu",
    "main_gpu",
    "num_thread",
    "draft_num_predict",
    "num_predict",
    "num_keep",
    "seed",
    "top_k",
    "repeat_last_n",
    "top_logprobs",
];
const FLOATS: [&str; 7] =
    ["temperature", "top_p", "min_p", "typical_p", "repeat_penalty", "presence_penalty", "frequency_penalty"];

impl Options {
    /// Unknown names are ignored; a wrong type is refused with Ollama's words.
    pub fn read(options: &Map<String, Value>) -> Result<Self, String> {
        for (name, value) in options {
            let name = name.as_str();
            let (fits, wanted) = match name {
                _ if value.is_null() => (true, ""),
                _ if INTEGERS.contains(&name) => (value.is_number(), "integer"),
                _ if FLOATS.contains(&name) => (value.is_number(), "float32"),
                "use_mmap" => (value.is_boolean(), "boolean"),
                "stop" => (value.is_array(), "array"),
                _ => (true, ""),
            };
            if !fits {
                return Err(format!("option \"{name}\" must be of type {wanted}"));
            }
        }
        #[allow(clippy::cast_possible_truncation)] // Ollama, too, cuts a fraction off.
        let integer = |name: &str| options.get(name).and_then(Value::as_f64).map(|number| number as i64);
        let stop = options.get("stop").and_then(Value::as_array);
        Ok(Self {
            num_ctx: integer("num_ctx"),
            num_predict: integer("num_predict").unwrap_or(-1),
            num_keep: integer("num_keep").unwrap_or(4),
            stop: stop.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
            runner: RunnerOptions {
                num_batch: integer("num_batch"),
                // -1 is the automatic value and matches every other.
                num_gpu: integer("num_gpu").filter(|layers| *layers >= 0),
                main_gpu: integer("main_gpu"),
                use_mmap: options.get("use_mmap").and_then(Value::as_bool),
                num_thread: integer("num_thread").filter(|threads| *threads > 0),
                draft_num_predict: integer("draft_num_predict"),
                ..RunnerOptions::default()
            },
        })
    }

    /// The runner's part, with `num_ctx` from request, model file or server, in that order, and clamped.
    pub fn runner(&self, of_model: Option<usize>, of_server: usize, trained: usize, shift: bool) -> RunnerOptions {
        let asked = self.num_ctx.map(|tokens| usize::try_from(tokens).unwrap_or(0));
        let num_ctx = asked.or(of_model).unwrap_or(of_server).max(4).min(trained.max(4));
        RunnerOptions { num_ctx, shift, ..self.runner.clone() }
    }

    /// Most tokens of an answer (F18); `None` is without end.
    pub fn most_tokens(&self, num_ctx: usize, native_chat: bool) -> Option<usize> {
        let most = num_ctx * 10;
        match self.num_predict {
            0 if native_chat => Some(1),
            0 => None,
            asked => Some(usize::try_from(asked).map_or(most, |asked| asked.min(most))),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { num_ctx: None, num_predict: -1, num_keep: 4, stop: Vec::new(), runner: RunnerOptions::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(options: &Value) -> Result<Options, String> {
        Options::read(options.as_object().unwrap())
    }

    #[test]
    fn wrong_types_are_named_and_unknown_names_ignored() {
        assert_eq!(read(&json!({"num_ctx": "big"})), Err("option \"num_ctx\" must be of type integer".into()));
        assert_eq!(read(&json!({"use_mmap": 1})), Err("option \"use_mmap\" must be of type boolean".into()));
        assert_eq!(read(&json!({"mirostat": "x", "num_predict": 7.9})).unwrap().num_predict, 7);
    }

    #[test]
    fn only_runner_options_make_a_difference() {
        let runner = |options: Value| read(&options).unwrap().runner(None, 4096, 8192, true);
        assert_eq!(runner(json!({"seed": 1, "num_gpu": -1})), runner(json!({"temperature": 0})));
        assert_eq!(runner(json!({"num_ctx": 8192})), runner(json!({"num_ctx": 99_999})));
        assert_ne!(runner(json!({"num_ctx": 2048})), runner(json!({})));
        assert_ne!(runner(json!({"num_batch": 512})), runner(json!({})));
    }

    #[test]
    fn the_cap_follows_the_measured_rules() {
        let most = |predict: i64, native| read(&json!({"num_predict": predict})).unwrap().most_tokens(64, native);
        assert_eq!(most(-1, false), Some(640));
        assert_eq!(most(5_000, true), Some(640));
        assert_eq!(most(0, true), Some(1));
        assert_eq!(most(0, false), None);
        assert_eq!(most(20, false), Some(20));
    }
}
