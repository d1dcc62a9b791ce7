//! The models that the simulated server has.

use std::time::{Duration, SystemTime};

use super::window::PromptPath;

/// Families that a server runs with one slot whatever its setting (OLLAMA.md, rule 20).
const ONE_SLOT: [&str; 12] = [
    "mllama",
    "qwen3vl",
    "qwen3vlmoe",
    "qwen35",
    "qwen35moe",
    "qwen3next",
    "lfm2",
    "lfm2moe",
    "nemotron_h",
    "nemotron_h_moe",
    "nemotron_h_omni",
    "bert",
];

/// One model.
#[derive(Clone, Debug, PartialEq)]
pub struct SimModel {
    /// With its tag, as `/api/tags` shows it.
    pub name: String,
    pub family: String,
    pub parameter_size: String,
    pub quantization: String,
    /// Tokens of the window it was trained for.
    pub train_ctx: usize,
    /// `num_ctx` of its model file.
    pub own_ctx: Option<usize>,
    pub path: PromptPath,
    pub thinking: bool,
    /// False: an embedding model.
    pub completes: bool,
    /// A stub whose text would go to another machine, whatever its name looks like.
    pub remote: bool,
    pub size_bytes: u64,
    pub digest: String,
    pub modified: SystemTime,
    /// The error text of a load that fails.
    pub load_fails: Option<String>,
}

impl SimModel {
    /// A model of ordinary make; what can be told from the name (size, a reasoning family, the cloud) is.
    pub fn named(name: &str) -> Self {
        let name = full_name(name);
        let lower = name.to_lowercase();
        let family = lower.split([':', '.', '-']).next().unwrap_or("llama").trim_end_matches(char::is_numeric);
        let billions =
            lower.split([':', '-']).find_map(|part| part.strip_suffix('b')?.parse::<f64>().ok()).unwrap_or(8.0);
        let remote = is_cloud_name(&name);
        let thinking = ["qwen3", "deepseek-r1", "gpt-oss", "magistral"].iter().any(|start| lower.starts_with(start));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Billions of parameters, from a name.
        let weights = (billions * 0.6e9) as u64;
        Self {
            family: family.to_owned(),
            parameter_size: format!("{billions:.1}B"),
            quantization: "Q4_K_M".to_owned(),
            train_ctx: 131_072,
            own_ctx: None,
            path: PromptPath::default(),
            thinking,
            completes: !lower.contains("embed"),
            remote,
            size_bytes: if remote { 195 } else { weights },
            digest: blake3::hash(name.as_bytes()).to_hex().to_string(),
            // A fixed day in 2026, so that listings are the same in every run.
            modified: SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000),
            load_fails: None,
            name,
        }
    }

    #[must_use]
    pub fn native(self) -> Self {
        Self { path: PromptPath::Native, ..self }
    }

    #[must_use]
    pub fn thinking(self) -> Self {
        Self { thinking: true, ..self }
    }

    /// A name that looks local, of a model that is not.
    #[must_use]
    pub fn remote(self) -> Self {
        Self { remote: true, size_bytes: 195, ..self }
    }

    #[must_use]
    pub fn train_ctx(self, tokens: usize) -> Self {
        Self { train_ctx: tokens, ..self }
    }

    #[must_use]
    pub fn family(self, family: &str) -> Self {
        Self { family: family.to_owned(), ..self }
    }

    #[must_use]
    pub fn load_fails(self, error: &str) -> Self {
        Self { load_fails: Some(error.to_owned()), ..self }
    }

    /// Slots it gets of a server with so many.
    pub fn slots(&self, of_server: usize) -> usize {
        if ONE_SLOT.contains(&self.family.as_str()) { 1 } else { of_server.max(1) }
    }

    pub fn capabilities(&self) -> Vec<&'static str> {
        if !self.completes {
            return vec!["embedding"];
        }
        let mut all = vec!["completion"];
        if self.thinking {
            all.push("thinking");
        }
        all
    }

    /// Bytes with `tokens` of cache, at 128 KiB a token (Llama 3.1 8B, f16).
    pub fn loaded_bytes(&self, tokens: usize) -> u64 {
        self.size_bytes + (tokens as u64) * (128 << 10)
    }
}

/// With the tag that a name without one has.
pub fn full_name(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains(':') { name.to_owned() } else { format!("{name}:latest") }
}

/// `x:cloud`, `x:tag-cloud`, `x:tag:cloud`: sent to another machine without any pull (OLLAMA.md section 7).
pub fn is_cloud_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.ends_with(":cloud") || (lower.ends_with("-cloud") && lower.contains(':'))
}

/// A name as a request gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelName {
    /// Without `:local`.
    pub full: String,
    /// The request wants no remote stub.
    pub local: bool,
    pub cloud: bool,
}

impl ModelName {
    /// `None` for a name with a part too many, such as `a:b:c`.
    pub fn read(name: &str) -> Option<Self> {
        let cut = name.len().saturating_sub(":local".len());
        let local = name.get(cut..).is_some_and(|end| end.eq_ignore_ascii_case(":local"));
        let bare = if local { &name[..cut] } else { name };
        let cloud = is_cloud_name(bare);
        let plain = if cloud { bare.get(..bare.len() - ":cloud".len()).unwrap_or(bare) } else { bare };
        let odd = |letter: char| letter.is_whitespace() || letter.is_control();
        let tags = plain.rsplit('/').next().unwrap_or(plain).matches(':').count();
        (tags <= 1 && !bare.contains(odd)).then(|| Self { full: full_name(bare), local, cloud })
    }

    pub fn is(&self, model: &SimModel) -> bool {
        model.name.eq_ignore_ascii_case(&self.full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_what_it_can() {
        let model = SimModel::named("qwen3:14b");
        assert_eq!((model.parameter_size.as_str(), model.thinking, model.remote), ("14.0B", true, false));
        assert_eq!(SimModel::named("tiny").name, "tiny:latest");
        assert!(SimModel::named("gpt-oss:120b-cloud").remote);
        assert_eq!(SimModel::named("llama3.1:8b").family("qwen3next").slots(8), 1);
    }

    #[test]
    fn names_are_read_as_the_server_reads_them() {
        let read = |name| ModelName::read(name).map(|name| (name.full, name.local, name.cloud));
        assert_eq!(read("m"), Some(("m:latest".into(), false, false)));
        assert_eq!(read("m:8b:local"), Some(("m:8b".into(), true, false)));
        assert_eq!(read("m:8b:cloud"), Some(("m:8b:cloud".into(), false, true)));
        assert_eq!(read("a:b:c"), None);
    }
}
