//! What a job runs with, and what of it may change while it runs.

use epitome_model::{
    Concurrency, ErrorCode, Fallback, JobSettings, ProviderChoice, ProviderKind, SettingSource, TakesEffect, WireError,
};

use super::clash::{Clash, clash};
use super::{KNOBS, Settings, knobs, value};

impl Settings {
    /// What a job runs with, for a provider and a model. Contradictory values are an error that names both, where each
    /// comes from, and what is allowed.
    pub fn job(&self, provider: ProviderKind, model: String) -> Result<JobSettings, WireError> {
        let mut job = JobSettings::default();
        for knob in KNOBS {
            (knob.apply)(&mut job, self.value(knob.key));
        }
        if let Some(clash) = self.settle(&mut job, &[]) {
            return Err(self.contradiction(&clash));
        }
        if job.enqueue_batch.is_none()
            && self.chosen("enqueue.high_water").is_some()
            && job.enqueue_high_water.is_some()
        {
            return Err(WireError::new(
                ErrorCode::BadSetting,
                format!(
                    "{} has no effect while {}.",
                    self.with_source("enqueue.high_water"),
                    self.with_source("enqueue.batch")
                ),
                "Allowed: off, or choose a number of chapters for enqueue.batch, such as 32.",
            ));
        }
        job.provider = provider;
        job.model = model;
        self.url(provider).clone_into(&mut job.url);
        job.more_urls = self.more_urls(provider)?;
        job.fallback = self.fallback(provider)?;
        Ok(job)
    }

    /// A running job's settings with the live ones replaced by what is in force now. A job keeps the column of the
    /// profile it was made with, and what was chosen when it was made, unless the person chose otherwise since; a
    /// choice taken back while this process runs gives the value of the job's own profile. Of chosen values that
    /// contradict each other (the person may be half-way through changing two of them) the job keeps those it has.
    pub fn live_changes(&self, job: &JobSettings) -> JobSettings {
        let mut kept: Vec<&'static str> = Vec::new();
        loop {
            let mut changed = job.clone();
            for knob in
                KNOBS.iter().filter(|knob| knob.takes_effect == TakesEffect::AtOnce && !kept.contains(&knob.key))
            {
                let default = || self.taken_back.contains(knob.key).then(|| knob.default(job.profile));
                if let Some(value) = self.chosen(knob.key).map(|(value, _)| value).or_else(default) {
                    (knob.apply)(&mut changed, value);
                }
            }
            let Some(clash) = self.settle(&mut changed, &kept) else { return changed };
            kept.extend([clash.key, clash.limit]);
        }
    }

    /// Lets what nobody chose give way; the first contradiction that is left.
    fn settle(&self, job: &mut JobSettings, kept: &[&str]) -> Option<Clash> {
        self.follow_workers(job);
        while let Some(clash) = clash(job) {
            if self.chosen(clash.key).is_some() && !kept.contains(&clash.key) {
                return Some(clash);
            }
            clash.give_way(job);
        }
        None
    }

    /// A number of calls that a profile fixes gives way to fewer workers that a person chose.
    fn follow_workers(&self, job: &mut JobSettings) {
        let fixed = matches!(job.concurrency, Concurrency::Fixed(calls) if calls > job.workers_max);
        if fixed && self.chosen("workers.max").is_some() && self.chosen("llm.concurrency").is_none() {
            job.concurrency = Concurrency::Fixed(job.workers_max);
        }
    }

    /// Address of a provider; the built-in summariser has none and is given Ollama's, which it does not use.
    fn url(&self, provider: ProviderKind) -> &str {
        match provider {
            ProviderKind::OpenAi => self.value("openai.url"),
            ProviderKind::Ollama | ProviderKind::BuiltIn => self.value("ollama.url"),
        }
    }

    fn more_urls(&self, provider: ProviderKind) -> Result<Vec<String>, WireError> {
        if provider != ProviderKind::Ollama {
            return Ok(Vec::new());
        }
        let first = self.value("ollama.url");
        let more: Vec<String> = value::entries(self.value("ollama.more_urls")).map(str::to_owned).collect();
        if more.iter().any(|url| url == first) {
            return Err(WireError::new(
                ErrorCode::BadSetting,
                format!("ollama.more_urls names {first}, which is already ollama.url."),
                "Name only further servers there: one that is named twice would get twice the calls.",
            ));
        }
        Ok(more)
    }

    fn fallback(&self, provider: ProviderKind) -> Result<Vec<Fallback>, WireError> {
        // The built-in summariser is always there, so nobody ever takes over from it.
        if provider == ProviderKind::BuiltIn {
            return Ok(Vec::new());
        }
        let allowed: Vec<ProviderKind> = value::entries(self.value("provider.fallback")).filter_map(kind).collect();
        let chosen = match self.provider() {
            ProviderChoice::Auto => provider,
            ProviderChoice::Ollama => ProviderKind::Ollama,
            ProviderChoice::OpenAi => ProviderKind::OpenAi,
            ProviderChoice::BuiltIn => ProviderKind::BuiltIn,
        };
        if chosen == provider && allowed.contains(&provider) {
            let name = provider.name();
            return Err(WireError::new(
                ErrorCode::BadSetting,
                format!("provider.fallback names {name}, which is the provider it should take over from."),
                format!("Take {name} out of provider.fallback, or choose another provider.choice."),
            ));
        }
        // A book may be given to another provider than the usual one; that one does not take over from itself.
        let others = allowed.into_iter().filter(|other| *other != provider);
        Ok(others.map(|provider| self.may_take_over(provider)).collect())
    }

    fn may_take_over(&self, provider: ProviderKind) -> Fallback {
        let (url, model) = match provider {
            ProviderKind::Ollama => (self.url(provider), self.value("ollama.model")),
            ProviderKind::OpenAi => (self.url(provider), self.value("openai.model")),
            ProviderKind::BuiltIn => ("", ""),
        };
        Fallback { provider, url: url.to_owned(), model: model.to_owned() }
    }

    fn contradiction(&self, clash: &Clash) -> WireError {
        let (value, limit) = (self.with_source(clash.key), self.with_source(clash.limit));
        WireError::new(
            ErrorCode::BadSetting,
            format!("{value} {} {limit}.", clash.relation),
            format!("Allowed: {}.", clash.allowed),
        )
    }

    /// Such as `workers.min (6, from the environment)`.
    fn with_source(&self, key: &str) -> String {
        let source = match self.chosen(key).map(|(_, source)| source) {
            Some(SettingSource::CommandLine) => "from the command line",
            Some(SettingSource::Environment) => "from the environment",
            Some(SettingSource::File) => "from the settings file",
            Some(SettingSource::Profile) | None => "from the profile",
        };
        format!("{key} ({}, {source})", self.value(key))
    }
}

impl Clash {
    fn give_way(&self, job: &mut JobSettings) {
        if let Some(knob) = knobs::knob(self.key) {
            (knob.apply)(job, &self.instead.to_string());
        }
    }
}

fn kind(name: &str) -> Option<ProviderKind> {
    [ProviderKind::Ollama, ProviderKind::OpenAi, ProviderKind::BuiltIn].into_iter().find(|kind| kind.name() == name)
}
