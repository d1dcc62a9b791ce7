//! The whole table: each setting alone, by each way there is, changes its field of a job and no other; the profiles
//! are the columns of the specification; contradictions are refused.

use std::collections::BTreeMap;

use epitome_lab::bench::worlds;
use epitome_model::{Fallback, JobSettings, Profile, ProviderChoice, ProviderKind, SettingSource, TakesEffect};
use serde_json::{Value, json};

use super::{Chosen, KNOBS, Settings, SettingsFile, known};

/// Setting, a value other than `auto`'s, the field of a job it sets, and what it then holds.
fn fields() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    vec![
        ("ollama.url", "box:1", "url", json!("http://box:1")),
        ("ollama.more_urls", "box:1 box:2", "more_urls", json!(["http://box:1", "http://box:2"])),
        ("llm.concurrency", "6", "concurrency", json!({"fixed": 6})),
        ("llm.permit", "chapter", "permit", json!("chapter")),
        ("chapter.order", "shortest", "order", json!("shortest")),
        ("job.weight", "7", "weight", json!(7)),
        ("llm.keep_alive", "1h", "keep_alive", json!("1h")),
        ("llm.first_token_s", "30", "first_token_s", json!(30)),
        ("llm.stall_s", "31", "stall_s", json!(31)),
        ("llm.attempts", "9", "attempts", json!(9)),
        ("llm.outage_s", "99", "outage_s", json!(99)),
        ("summary.language", "de", "language", json!("de")),
        ("prompt.style", "Be short.", "wording.style", json!("Be short.")),
        ("prompt.chapter", "Retell it.", "wording.chapter", json!("Retell it.")),
        ("prompt.part", "Take\nnotes.", "wording.part", json!("Take\nnotes.")),
        ("prompt.reduce", "Join them.", "wording.reduce", json!("Join them.")),
        ("prompt.merge", "Join all.", "wording.merge", json!("Join all.")),
        ("llm.temperature", "0.7", "temperature", json!(0.7)),
        ("llm.window", "4096", "window", json!(4096)),
        ("llm.window_max", "16384", "window_max", json!(16384)),
        ("llm.kv_mib", "6000", "kv_mib", json!(6000)),
        ("chunk.size", "3000", "chunk_size", json!(3000)),
        ("chunk.overlap", "50", "chunk_overlap", json!(50)),
        ("chunk.threshold", "4000", "chunk_threshold", json!(4000)),
        ("queue.summary_capacity", "500", "summary_capacity", json!(500)),
        ("queue.write_capacity", "900", "write_capacity", json!(900)),
        ("queue.backpressure_at", "700", "backpressure_at", json!(700)),
        ("enqueue.batch", "all", "enqueue_batch", json!(null)),
        ("enqueue.high_water", "0.5", "enqueue_high_water", json!(0.5)),
        ("workers.min", "4", "workers_min", json!(4)),
        ("workers.max", "10", "workers_max", json!(10)),
        ("writer.results", "batched", "commit", json!("batched")),
        ("writer.flush_ms", "100", "writer_flush_ms", json!(100)),
        ("writer.flush_items", "10", "writer_flush_items", json!(10)),
        ("breaker.rule", "off", "breaker.rule", json!("off")),
        ("breaker.p95_s", "12.5", "breaker.p95_s", json!(12.5)),
        ("breaker.queue", "5", "breaker.queue", json!(5)),
        ("breaker.error_rate", "0.5", "breaker.error_rate", json!(0.5)),
        ("breaker.cooldown_s", "9", "breaker.cooldown_s", json!(9)),
        ("breaker.half_open_attempts", "2", "breaker.half_open_attempts", json!(2)),
        (
            "provider.fallback",
            "openai, built-in",
            "fallback",
            json!([
                {"provider": "openai", "url": "http://127.0.0.1:8080", "model": ""},
                {"provider": "built_in", "url": "", "model": ""},
            ]),
        ),
    ]
}

/// Settings that are no field of a job by themselves, or more than one.
const OTHERS: [&str; 9] = [
    "provider.choice",
    "ollama.model",
    "openai.url",
    "openai.model",
    "profile",
    "inbox.folder",
    "inbox.start",
    "window.close",
    "window.notify",
];

/// The fields of a job, those of the breaker and the prompts too, by path.
fn flat(job: &JobSettings) -> BTreeMap<String, Value> {
    // By way of text, so that a number of 32 bits reads as it is written.
    let Value::Object(fields) = serde_json::from_str(&serde_json::to_string(job).unwrap()).unwrap() else { panic!() };
    let mut flat = BTreeMap::new();
    for (name, value) in fields {
        match value {
            Value::Object(inner) if name == "breaker" || name == "wording" => {
                flat.extend(inner.into_iter().map(|(inner, value)| (format!("{name}.{inner}"), value)));
            }
            value => _ = flat.insert(name, value),
        }
    }
    flat
}

fn from_file(key: &str, value: &str) -> Settings {
    let home = tempfile::tempdir().unwrap();
    let file = SettingsFile::in_folder(home.path());
    let (group, name) = key.rsplit_once('.').unwrap_or(("", key));
    let group = if group.is_empty() { String::new() } else { format!("[{group}]\n") };
    let value =
        if value.parse::<f64>().is_ok() { value.to_owned() } else { format!("\"{}\"", value.replace('\n', "\\n")) };
    std::fs::write(file.path(), format!("{group}{name} = {value}\n")).unwrap();
    Settings { file: file.read().unwrap(), ..Settings::default() }
}

/// What the window does: the choice goes through the file.
fn from_window(key: &str, value: &str) -> Settings {
    let home = tempfile::tempdir().unwrap();
    let file = SettingsFile::in_folder(home.path());
    let knob = known(key).unwrap();
    file.change(knob.key, Some(&super::value::check(knob, value).unwrap())).unwrap();
    Settings { file: file.read().unwrap(), ..Settings::default() }
}

fn from_environment(pairs: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::default();
    let said = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    settings.set_environment(said).unwrap();
    settings
}

fn from_line(pairs: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::default();
    settings.set_command_line(pairs.iter().copied()).unwrap();
    settings
}

/// A setting alone, by each of the ways.
fn each_way(key: &str, value: &str) -> [(&'static str, Settings); 4] {
    [
        ("file", from_file(key, value)),
        ("window", from_window(key, value)),
        ("environment", from_environment(&[(known(key).unwrap().environment, value)])),
        ("command line", from_line(&[(key, value)])),
    ]
}

fn ollama(settings: &Settings) -> JobSettings {
    settings.job(ProviderKind::Ollama, "m".into()).unwrap()
}

#[test]
fn every_setting_alone_by_every_way_changes_its_field_and_no_other() {
    let plain = flat(&ollama(&Settings::default()));
    for (key, value, field, holds) in fields() {
        for (way, settings) in each_way(key, value) {
            let job = flat(&ollama(&settings));
            let changed: Vec<_> = job.iter().filter(|(name, value)| plain[*name] != **value).collect();
            assert_eq!(changed, [(&field.to_owned(), &holds)], "{key} = {value} by {way}");
        }
    }
}

#[test]
fn the_tests_know_every_setting_and_every_field() {
    let known: Vec<&str> = fields().iter().map(|(key, ..)| *key).chain(OTHERS).collect();
    for knob in KNOBS {
        assert!(known.contains(&knob.key), "{} is in no test", knob.key);
    }
    assert_eq!(known.len(), KNOBS.len());
    let set: Vec<&str> =
        fields().iter().map(|(_, _, field, _)| *field).chain(["provider", "model", "profile"]).collect();
    for field in flat(&JobSettings::default()).keys() {
        assert!(set.contains(&field.as_str()), "no setting sets {field}");
    }
}

#[test]
fn the_program_s_default_is_the_profile_auto() {
    assert_eq!(Settings::default().job(ProviderKind::Ollama, String::new()).unwrap(), JobSettings::default());
}

#[test]
fn the_profiles_are_the_columns_of_the_specification() {
    let auto = json!("auto");
    let chapter = json!("chapter");
    let [call, figures] = [json!("call"), json!("figures")];
    let table = [
        ("summary_capacity", [json!(200), json!(1000), json!(256)]),
        ("write_capacity", [json!(500), json!(1000), json!(1000)]),
        ("backpressure_at", [json!(400), json!(800), json!(800)]),
        ("enqueue_batch", [json!(null), json!(100), json!(32)]),
        ("enqueue_high_water", [json!(null), json!(0.8), json!(0.8)]),
        ("chunk_size", [json!(2000), json!(3500), json!(null)]),
        ("chunk_overlap", [json!(400), json!(275), json!(0)]),
        ("chunk_threshold", [json!(5000), json!(5000), json!(5000)]),
        ("concurrency", [json!({"fixed": 3}), json!({"fixed": 4}), auto]),
        ("workers_min", [json!(3), json!(6), json!(2)]),
        ("workers_max", [json!(3), json!(8), json!(32)]),
        ("writer_flush_ms", [json!(250), json!(250), json!(250)]),
        ("writer_flush_items", [json!(100), json!(100), json!(100)]),
        ("commit", [json!("batched"), json!("batched"), json!("at_once")]),
        ("permit", [chapter, call.clone(), call]),
        ("breaker.rule", [figures.clone(), figures, json!("broken")]),
        ("breaker.p95_s", [json!(25.0), json!(30.0), json!(30.0)]),
        ("breaker.queue", [json!(10), json!(15), json!(15)]),
        ("breaker.error_rate", [json!(0.2), json!(0.25), json!(0.25)]),
        ("breaker.cooldown_s", [json!(60), json!(120), json!(2)]),
        ("breaker.half_open_attempts", [json!(1), json!(3), json!(3)]),
    ];
    let profiles = ["baseline", "track1", "auto"];
    let jobs = profiles.map(|profile| flat(&ollama(&from_line(&[("profile", profile)]))));
    for (field, column) in table {
        for ((job, expected), profile) in jobs.iter().zip(column).zip(profiles) {
            assert_eq!(job[field], expected, "{field} of {profile}");
        }
    }
    assert_eq!(jobs.map(|job| job["profile"].clone()), [json!("baseline"), json!("track1"), json!("auto")]);
}

#[test]
fn every_optimisation_of_a_profile_can_be_rolled_back_by_itself() {
    let baseline = from_line(&[("profile", "baseline")]);
    for knob in KNOBS.iter().filter(|knob| knob.default(Profile::Baseline) != knob.default(Profile::Auto)) {
        let old = knob.default(Profile::Baseline);
        let job = from_line(&[(knob.key, old)]).job(ProviderKind::Ollama, "m".into());
        assert!(job.is_ok(), "{} = {old}: {job:?}", knob.key);
        assert_eq!(baseline.value(knob.key), old);
    }
}

#[test]
fn what_is_no_field_of_a_job_does_its_work_too() {
    for (way, settings) in each_way("provider.choice", "openai") {
        assert_eq!(settings.provider(), ProviderChoice::OpenAi, "{way}");
    }
    for (way, settings) in each_way("ollama.model", "qwen3:8b") {
        assert_eq!(settings.value("ollama.model"), "qwen3:8b", "{way}");
    }
    for (way, settings) in each_way("openai.model", "gemma") {
        let mut settings = settings;
        settings.set_command_line([("provider.fallback", "openai")]).unwrap();
        assert_eq!(ollama(&settings).fallback[0].model, "gemma", "{way}");
    }
    for (way, settings) in each_way("openai.url", "http://box:9/v1") {
        let job = settings.job(ProviderKind::OpenAi, "gemma".into()).unwrap();
        let found = (job.provider, job.url.as_str(), job.model.as_str());
        assert_eq!(found, (ProviderKind::OpenAi, "http://box:9/v1", "gemma"), "{way}");
    }
}

#[test]
fn one_variable_sets_least_and_most_workers() {
    let workers = |pairs: &[(&str, &str)]| {
        let job = ollama(&from_environment(pairs));
        (job.workers_min, job.workers_max)
    };
    assert_eq!(workers(&[("EPITOME_WORKERS", "6")]), (6, 6));
    assert_eq!(workers(&[("EPITOME_WORKERS", " 6 - 8 ")]), (6, 8));
    assert_eq!(workers(&[("EPITOME_WORKERS", "6-8"), ("EPITOME_WORKERS_MAX", "12")]), (6, 12));
    for bad in ["0", "many", "6-", "6-8-9", "1-129"] {
        let said = |name: &str| (name == "EPITOME_WORKERS").then(|| bad.to_owned());
        let error = Settings::default().set_environment(said).unwrap_err();
        assert!(error.message.contains("EPITOME_WORKERS") && error.hint.contains("1 to 128"), "{bad}: {error:?}");
    }
    let error = from_environment(&[("EPITOME_WORKERS", "8-6")]).job(ProviderKind::Ollama, String::new()).unwrap_err();
    assert!(error.message.contains("workers.min (8, from the environment)"), "{error:?}");
}

#[test]
fn what_a_shell_suggests_gives_way_to_every_choice() {
    let usual = |mut settings: Settings| {
        settings.set_usual([("llm.outage_s", "600")]).unwrap();
        ollama(&settings).outage_s
    };
    assert_eq!(usual(Settings::default()), 600);
    for (way, settings) in each_way("llm.outage_s", "0") {
        assert_eq!(usual(settings), 0, "{way}");
    }
}

#[test]
fn the_bench_measures_the_profiles_that_people_get() {
    for (profile, measured) in
        [("baseline", worlds::baseline()), ("track1", worlds::track1()), ("auto", worlds::auto(0))]
    {
        let given = ollama(&from_line(&[("profile", profile)]));
        // The bench's server needs no address, and its first design has as many calls as workers.
        let JobSettings { model, url, concurrency, outage_s, .. } = given.clone();
        let measured = JobSettings { model, url, concurrency, outage_s, ..measured };
        assert_eq!(flat(&measured), flat(&given), "{profile}");
    }
}

#[test]
fn contradictions_name_both_values_their_sources_and_what_is_allowed() {
    for (line, said, allowed) in [
        (
            vec![("chunk.size", "500"), ("chunk.overlap", "251")],
            "chunk.overlap (251, from the command line)",
            "0 to 250",
        ),
        (vec![("chunk.overlap", "2000"), ("profile", "track1")], "chunk.size (3500, from the profile)", "0 to 1750"),
        (vec![("workers.min", "33")], "workers.min (33, from the command line) is above workers.max (32,", "1 to 32"),
        (
            vec![("workers.max", "3"), ("llm.concurrency", "5")],
            "workers.max (3, from the command line) is below llm.concurrency (5,",
            "from 5 workers at most, or from 1 to 3 calls",
        ),
        (vec![("queue.backpressure_at", "1001")], "queue.write_capacity (1000, from the profile)", "1 to 1000"),
        (vec![("enqueue.batch", "500")], "queue.summary_capacity (256, from the profile)", "1 to 256"),
        (vec![("enqueue.batch", "all"), ("enqueue.high_water", "0.5")], "enqueue.high_water (0.5,", "off"),
        (vec![("profile", "baseline"), ("enqueue.high_water", "0.5")], "enqueue.batch (all, from the profile)", "32"),
        (vec![("llm.outage_s", "30"), ("breaker.cooldown_s", "31")], "llm.outage_s (30, from", "1 to 30"),
        (vec![("provider.fallback", "openai, ollama")], "provider.fallback names ollama", "Take ollama out"),
        (vec![("ollama.more_urls", "127.0.0.1")], "http://127.0.0.1:11434, which is already ollama.url", "further"),
    ] {
        let error = from_line(&line).job(ProviderKind::Ollama, "m".into()).unwrap_err();
        assert!(error.message.contains(said), "{line:?}: {error:?}");
        assert!(error.hint.contains(allowed), "{line:?}: {error:?}");
    }
    for fine in [
        vec![("breaker.rule", "off"), ("breaker.cooldown_s", "60"), ("llm.outage_s", "30")],
        vec![("enqueue.batch", "all"), ("enqueue.high_water", "off")],
        vec![("enqueue.batch", "all")],
    ] {
        ollama(&from_line(&fine));
    }
}

#[test]
fn what_nobody_chose_gives_way_to_a_limit() {
    for (line, field, value) in [
        (vec![("chunk.size", "500"), ("profile", "track1")], "chunk_overlap", json!(250)),
        (vec![("workers.max", "1")], "workers_min", json!(1)),
        (vec![("workers.max", "2"), ("profile", "track1")], "concurrency", json!({"fixed": 2})),
        (vec![("llm.concurrency", "9"), ("profile", "baseline")], "workers_max", json!(9)),
        (vec![("queue.write_capacity", "500")], "backpressure_at", json!(400)),
        (vec![("queue.summary_capacity", "16")], "enqueue_batch", json!(16)),
        (vec![("llm.outage_s", "30"), ("profile", "track1")], "breaker.cooldown_s", json!(30)),
    ] {
        assert_eq!(flat(&ollama(&from_line(&line)))[field], value, "{line:?}");
    }
}

#[test]
fn who_may_take_over_depends_on_who_writes() {
    let settings = from_line(&[
        ("provider.choice", "openai"),
        ("provider.fallback", "ollama, built-in"),
        ("ollama.model", "m"),
        ("ollama.more_urls", "box"),
    ]);
    let may = Fallback { provider: ProviderKind::Ollama, url: "http://127.0.0.1:11434".into(), model: "m".into() };
    let built_in = Fallback { provider: ProviderKind::BuiltIn, url: String::new(), model: String::new() };
    let openai = settings.job(ProviderKind::OpenAi, "g".into()).unwrap();
    assert_eq!((openai.fallback, openai.more_urls), (vec![may, built_in.clone()], vec![]));
    // A single book given to Ollama: it does not take over from itself.
    let ollama = settings.job(ProviderKind::Ollama, "m".into()).unwrap();
    assert_eq!((ollama.fallback, ollama.more_urls), (vec![built_in], vec!["http://box:11434".to_owned()]));
    assert_eq!(settings.job(ProviderKind::BuiltIn, String::new()).unwrap().fallback, []);
}

#[test]
fn live_settings_reach_a_running_job_and_others_do_not() {
    // Of its own values, only those that bound others are wide enough for every change below.
    let wide = [("workers.max", "8"), ("queue.write_capacity", "1000")];
    let job = ollama(&from_line(&[&[("profile", "baseline"), ("llm.stall_s", "20")][..], &wide].concat()));
    assert_eq!(Settings::default().live_changes(&job), job, "without a choice a job stays as it was made");
    for (key, value, field, holds) in fields() {
        let changed = flat(&from_line(&[(key, value)]).live_changes(&job));
        let expected =
            if known(key).unwrap().takes_effect == TakesEffect::AtOnce { &holds } else { &flat(&job)[field] };
        assert_eq!(&changed[field], expected, "{key}");
        assert!(changed.iter().all(|(name, value)| name == field || flat(&job)[name] == *value), "{key}");
    }
    let other_profile = from_line(&[("profile", "track1")]).live_changes(&job);
    assert_eq!(other_profile, job, "a job keeps its profile");
}

#[test]
fn a_choice_taken_back_gives_the_value_of_the_jobs_own_profile() {
    let mut settings = Settings::default();
    let chosen = |pairs: &[(&'static str, &str)]| -> Chosen {
        pairs.iter().map(|(key, value)| (*key, (*value).to_owned())).collect()
    };
    settings.set_file(chosen(&[("llm.concurrency", "9"), ("profile", "baseline")]));
    let job = ollama(&settings);
    settings.set_file(chosen(&[("profile", "baseline")]));
    assert_eq!(flat(&settings.live_changes(&job))["concurrency"], json!({"fixed": 3}));
    settings.set_file(chosen(&[("llm.concurrency", "5")]));
    assert_eq!(flat(&settings.live_changes(&job))["concurrency"], json!({"fixed": 5}));
}

#[test]
fn half_a_change_of_two_leaves_a_running_job_as_it_is() {
    let job = ollama(&from_line(&[("profile", "track1")]));
    let half = from_line(&[("workers.min", "20"), ("llm.stall_s", "5")]).live_changes(&job);
    assert_eq!((half.workers_min, half.workers_max, half.stall_s), (6, 8, 5));
    let both = from_line(&[("workers.min", "20"), ("workers.max", "30")]).live_changes(&job);
    assert_eq!((both.workers_min, both.workers_max), (20, 30));
    let fewer = from_line(&[("workers.max", "4")]).live_changes(&job);
    assert_eq!((fewer.workers_min, fewer.workers_max), (4, 4), "what nobody chose gives way");
    // The job's write queue keeps its length, so holding back above it is no use to the job.
    let deep = from_line(&[("queue.backpressure_at", "5000"), ("queue.write_capacity", "9000")]).live_changes(&job);
    assert_eq!((deep.backpressure_at, deep.write_capacity), (800, 1000));
}

#[test]
fn the_screen_says_what_takes_effect_when_and_what_is_for_experts() {
    let rows = from_line(&[("workers.max", "9")]).rows();
    assert_eq!(rows.len(), KNOBS.len());
    let row = |key: &str| rows.iter().find(|row| row.key == key).unwrap();
    assert!(row("workers.max").takes_effect == TakesEffect::AtOnce && row("workers.max").expert);
    assert!(
        row("llm.window").takes_effect == TakesEffect::NextJob
            && row("llm.window").expert
            && !row("llm.concurrency").expert
    );
    assert_eq!((row("workers.max").source, row("workers.max").default.as_str()), (SettingSource::CommandLine, "32"));
    // A group stands together, and is for experts as a whole.
    let mut groups: Vec<(&str, bool)> = rows.iter().map(|row| (row.group.as_str(), row.expert)).collect();
    groups.dedup();
    let names: std::collections::BTreeSet<&str> = groups.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), groups.len(), "{groups:?}");
}
