//! Settings: where each value comes from (command line > environment > file > profile), and what a job runs with.

mod clash;
mod file;
mod job;
mod knobs;
#[cfg(test)]
mod table_tests;
pub(crate) mod value;

use std::collections::{BTreeMap, BTreeSet};

use epitome_model::{
    ErrorCode, Profile, ProviderChoice, SettingForm, SettingRow, SettingSource, TakesEffect, WireError,
};

pub use file::SettingsFile;
pub use knobs::{KNOBS, Kind, Knob};

/// Sets least and most workers at once, as in `6-8`; the variables of the two settings go before it.
const WORKERS_VARIABLE: &str = "EPITOME_WORKERS";

/// Values someone chose, by key; each already checked.
pub type Chosen = BTreeMap<&'static str, String>;

/// The layers of choice, strongest first.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub command_line: Chosen,
    pub environment: Chosen,
    pub file: Chosen,
    /// What a shell suggests where nobody chose; the profile's value gives way to it.
    pub usual: Chosen,
    /// Settings that had a choice in the file and lost it while this process ran.
    pub(crate) taken_back: BTreeSet<&'static str>,
}

impl Settings {
    /// Takes `KEY=VALUE` words of the command line.
    pub fn set_command_line<'a>(
        &mut self,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), WireError> {
        self.command_line.extend(checked(pairs)?);
        Ok(())
    }

    /// Takes what a shell suggests where nobody chose.
    pub fn set_usual<'a>(&mut self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(), WireError> {
        self.usual.extend(checked(pairs)?);
        Ok(())
    }

    /// Takes what the environment says, by the variables of the table.
    pub fn set_environment(&mut self, variable: impl Fn(&str) -> Option<String>) -> Result<(), WireError> {
        let said = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        if let Some(value) = said(WORKERS_VARIABLE) {
            let (least, most) = value::span(&value);
            for (key, number) in [("workers.min", least), ("workers.max", most)] {
                self.take_variable(known(key)?, WORKERS_VARIABLE, number).map_err(|error| WireError {
                    hint: format!("{} Two with a dash, as in 6-8, are least and most.", error.hint),
                    ..error
                })?;
            }
        }
        for knob in KNOBS {
            if let Some(value) = said(knob.environment) {
                self.take_variable(knob, knob.environment, &value)?;
            }
        }
        Ok(())
    }

    fn take_variable(&mut self, knob: &'static Knob, name: &str, value: &str) -> Result<(), WireError> {
        let value = value::check(knob, value).map_err(|error| WireError {
            message: format!("{} It was read from the environment variable {name}.", error.message),
            ..error
        })?;
        self.environment.insert(knob.key, value);
        Ok(())
    }

    /// Takes what the file says now. What it said before and no longer says is remembered, so that jobs that run go
    /// back to their profile's value.
    pub fn set_file(&mut self, file: Chosen) {
        let gone = self.file.keys().filter(|key| !file.contains_key(*key));
        self.taken_back.extend(gone);
        self.taken_back.retain(|key| !file.contains_key(key));
        self.file = file;
    }

    /// The same with settings of one job alone, which go before all others. What takes effect in running jobs at once
    /// belongs to all jobs, as what is read at the start of the program, and what the window does to none: these are
    /// refused.
    pub fn for_one_job<'a>(&self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, WireError> {
        let own = checked(pairs)?;
        let mut own_knobs = own.keys().filter_map(|key| knobs::knob(key));
        if let Some(knob) = own_knobs.find(|knob| knob.takes_effect != TakesEffect::NextJob) {
            let hint = match knob.takes_effect {
                TakesEffect::NextStart => "Change it in the settings, then start Epitome again.",
                _ => "Change it in the settings; jobs that run follow at once.",
            };
            return Err(WireError::new(
                ErrorCode::BadSetting,
                format!("{} belongs to all jobs and cannot be set for one.", knob.key),
                hint,
            ));
        }
        let mut settings = self.clone();
        settings.command_line.extend(own);
        Ok(settings)
    }

    /// The profile in force.
    pub fn profile(&self) -> Profile {
        match self.chosen("profile").map(|(value, _)| value) {
            Some("baseline") => Profile::Baseline,
            Some("track1") => Profile::Track1,
            _ => Profile::Auto,
        }
    }

    fn chosen(&self, key: &str) -> Option<(&str, SettingSource)> {
        [
            (&self.command_line, SettingSource::CommandLine),
            (&self.environment, SettingSource::Environment),
            (&self.file, SettingSource::File),
        ]
        .into_iter()
        .find_map(|(layer, source)| Some((layer.get(key)?.as_str(), source)))
    }

    /// The value in force.
    pub fn value(&self, key: &str) -> &str {
        let profile = || knobs::knob(key).map_or("", |knob| knob.default(self.profile()));
        let usual = || self.usual.get(key).map_or_else(profile, String::as_str);
        self.chosen(key).map_or_else(usual, |(value, _)| value)
    }

    /// Whom the person allows.
    pub fn provider(&self) -> ProviderChoice {
        match self.value("provider.choice") {
            "ollama" => ProviderChoice::Ollama,
            "openai" => ProviderChoice::OpenAi,
            "built-in" => ProviderChoice::BuiltIn,
            _ => ProviderChoice::Auto,
        }
    }

    /// Every setting as the settings screen shows it.
    pub fn rows(&self) -> Vec<SettingRow> {
        let row = |knob: &Knob| {
            let default = self.usual.get(knob.key).map_or_else(|| knob.default(self.profile()), String::as_str);
            let (value, source) = self.chosen(knob.key).unwrap_or((default, SettingSource::Profile));
            SettingRow {
                key: knob.key.to_owned(),
                group: knob.group.name.to_owned(),
                expert: knob.group.expert,
                label: knob.label.to_owned(),
                help: knob.help.to_owned(),
                value: value.to_owned(),
                default: default.to_owned(),
                of_profile: knob.differs(),
                unit: knob.unit.to_owned(),
                range: value::range(knob),
                choices: match knob.kind {
                    Kind::Choice(choices) => choices.iter().map(ToString::to_string).collect(),
                    _ => Vec::new(),
                },
                form: match knob.kind {
                    Kind::Choice(_) => SettingForm::Choice,
                    Kind::Words { .. } => SettingForm::Words,
                    Kind::Folder => SettingForm::Folder,
                    _ => SettingForm::Line,
                },
                environment: knob.environment.to_owned(),
                source,
                takes_effect: knob.takes_effect,
            }
        };
        KNOBS.iter().map(row).collect()
    }
}

fn checked<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Chosen, WireError> {
    let pairs = pairs.into_iter().map(|(key, value)| {
        let knob = known(key)?;
        Ok((knob.key, value::check(knob, value)?))
    });
    pairs.collect()
}

/// The setting of this key, or a sentence that names the nearest one.
pub fn known(key: &str) -> Result<&'static Knob, WireError> {
    knobs::knob(key.trim()).ok_or_else(|| {
        let near = KNOBS.iter().max_by_key(|knob| common_letters(knob.key, key)).map_or("", |knob| knob.key);
        WireError::new(
            ErrorCode::BadSetting,
            format!("There is no setting \u{201c}{key}\u{201d}."),
            format!("Did you mean {near}?"),
        )
    })
}

fn common_letters(one: &str, other: &str) -> usize {
    let pairs = |text: &str| text.as_bytes().windows(2).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let others = pairs(other);
    pairs(one).iter().filter(|pair| others.contains(pair)).count()
}

#[cfg(test)]
mod tests {
    use epitome_model::{Concurrency, ProviderKind};

    use super::*;

    fn settings(file: &[(&'static str, &str)], environment: &[(&str, &str)], line: &[(&str, &str)]) -> Settings {
        let file = file.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        let mut settings = Settings { file, ..Settings::default() };
        let variable =
            |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        settings.set_environment(variable).unwrap();
        settings.set_command_line(line.iter().copied()).unwrap();
        settings
    }

    #[test]
    fn the_stronger_layer_wins() {
        let file = [("llm.concurrency", "2")];
        let environment = [("LLM_CONCURRENCY_LIMIT", "5")];
        let line = [("llm.concurrency", "7")];
        assert_eq!(settings(&[], &[], &[]).value("llm.concurrency"), "auto");
        assert_eq!(settings(&file, &[], &[]).value("llm.concurrency"), "2");
        assert_eq!(settings(&file, &environment, &[]).value("llm.concurrency"), "5");
        assert_eq!(settings(&file, &environment, &line).value("llm.concurrency"), "7");
        let rows = settings(&file, &environment, &[]).rows();
        let row = rows.iter().find(|row| row.key == "llm.concurrency").unwrap();
        assert_eq!((row.source, row.default.as_str()), (SettingSource::Environment, "auto"));
    }

    #[test]
    fn a_profile_is_a_column_and_single_knobs_stay_free() {
        let job = settings(&[], &[], &[("profile", "baseline"), ("chunk.size", "2500")]);
        let job = job.job(ProviderKind::Ollama, "m".into()).unwrap();
        assert_eq!((job.chunk_size, job.chunk_overlap, job.summary_capacity), (Some(2500), 400, 200));
        assert_eq!(job.concurrency, Concurrency::Fixed(3));
    }

    #[test]
    fn unknown_keys_and_contradictions_are_refused_in_words() {
        let error = Settings::default().set_command_line([("llm.concurency", "4")]).unwrap_err();
        assert_eq!(error.hint, "Did you mean llm.concurrency?");
        let odd = settings(&[], &[], &[("chunk.size", "500"), ("chunk.overlap", "300")]);
        assert_eq!(odd.job(ProviderKind::BuiltIn, String::new()).unwrap_err().code, ErrorCode::BadSetting);
        let error = Settings::default().set_environment(|name| (name == "EPITOME_STALL_S").then(|| "x".into()));
        assert!(error.unwrap_err().message.contains("EPITOME_STALL_S"));
    }
}
