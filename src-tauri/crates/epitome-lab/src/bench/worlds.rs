//! Worlds to measure: a book of a known kind on a server of a known kind, and no bad luck.

use std::sync::Arc;
use std::time::Duration;

use epitome_engine::ladder::Limit;
use epitome_engine::sched::LaneSpec;
use epitome_model::{
    BreakerRule, BreakerSettings, Commit, Concurrency, JobId, JobSettings, Permit, Profile, ProviderKind,
};
use epitome_testkit::Random;

use crate::bound::lower_bound;
use crate::calls::{Call, Kind};
use crate::server::{Card, Setup};
use crate::world::{Accepted, HostScene, JobScene, Length, Scene, Speech, Weather, book};

/// A run that takes longer has failed.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3_600);

/// The job of a world with one.
pub const JOB: JobId = JobId(1);

/// The profile `auto` with a concurrency, which is 0 for what the ladder finds.
pub fn auto(limit: u32) -> JobSettings {
    JobSettings { model: "model".to_owned(), concurrency: concurrency(limit), ..JobSettings::default() }
}

/// The profile `track1`: the first design, tuned (SPEC.md section 4).
pub fn track1() -> JobSettings {
    JobSettings {
        profile: Profile::Track1,
        concurrency: Concurrency::Fixed(4),
        chunk_size: Some(3_500),
        chunk_overlap: 275,
        summary_capacity: 1_000,
        enqueue_batch: Some(100),
        enqueue_high_water: Some(0.8),
        workers_min: 6,
        workers_max: 8,
        commit: Commit::Batched,
        breaker: BreakerSettings { rule: BreakerRule::Figures, cooldown_s: 120, ..BreakerSettings::default() },
        ..auto(4)
    }
}

/// The profile `baseline`: the first design (SPEC.md section 4).
pub fn baseline() -> JobSettings {
    JobSettings {
        profile: Profile::Baseline,
        concurrency: Concurrency::Fixed(3),
        chunk_size: Some(2_000),
        chunk_overlap: 400,
        summary_capacity: 200,
        write_capacity: 500,
        backpressure_at: 400,
        enqueue_batch: None,
        enqueue_high_water: None,
        workers_min: 3,
        workers_max: 3,
        permit: Permit::Chapter,
        commit: Commit::Batched,
        breaker: BreakerSettings {
            rule: BreakerRule::Figures,
            p95_s: 25.0,
            queue: 10,
            error_rate: 0.2,
            cooldown_s: 60,
            half_open_attempts: 1,
        },
        ..auto(3)
    }
}

fn concurrency(limit: u32) -> Concurrency {
    if limit == 0 { Concurrency::Auto } else { Concurrency::Fixed(limit) }
}

/// A book with chapters of these lengths, as a job.
pub fn job(id: JobId, chapters: &[u32], settings: JobSettings, host: &HostScene, seed: u64) -> JobScene {
    let mut random = Random::of(&[seed, 0xB00C]);
    let texts: Vec<Arc<str>> =
        chapters.iter().enumerate().map(|(at, chars)| book::text(at, *chars as usize, &mut random)).collect();
    let longest = chapters.iter().copied().max().unwrap_or_default() as usize;
    let frame = book::frame(&format!("Book {id}"), settings, longest);
    let lane = LaneSpec {
        kind: host.kind,
        server: host.name.clone(),
        model: frame.settings.model.clone(),
        window: frame.settings.window.unwrap_or_default(),
        limit: match frame.settings.concurrency {
            Concurrency::Fixed(limit) => Limit::Fixed(limit),
            Concurrency::Auto => Limit::Auto { remembered: None },
        },
    };
    JobScene {
        id,
        frame,
        texts,
        tiers: vec![vec![lane]],
        identities: vec!["model".to_owned()],
        urgent: false,
        starts: Duration::ZERO,
        repeats: None,
    }
}

/// A server that has its model loaded.
pub fn host(setup: Setup) -> HostScene {
    HostScene {
        name: "http://host".to_owned(),
        kind: ProviderKind::Ollama,
        setup,
        card: Card::default(),
        load: Duration::ZERO,
        untimed: false,
    }
}

/// One book on one server.
pub fn world(chapters: &[u32], setup: Setup, settings: JobSettings, seed: u64) -> Scene {
    let host = host(setup);
    let job = job(JOB, chapters, settings, &host, seed);
    Scene {
        seed,
        cores: 4,
        hosts: vec![host],
        jobs: vec![job],
        speech: Speech { length: Length::Model(1.0), formless: 0.0 },
        weather: Weather::default(),
        acts: Vec::new(),
        crashes: Vec::new(),
        ticks: None,
        longest: LONGEST,
        checked: false,
    }
}

/// The calls of a run as the bound wants them: those of chapters, or those of the synopsis. `accepted` is in the order
/// of storing, so that whatever a call needs comes before it.
fn calls(accepted: &[Accepted], of_chapters: bool) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut stages: Vec<(Option<u32>, u32)> = Vec::new();
    let mut by_chapter: std::collections::BTreeMap<Option<u32>, Vec<usize>> = std::collections::BTreeMap::new();
    for accepted in accepted.iter().filter(|call| call.chapter.is_some() == of_chapters) {
        use epitome_model::CallKind;
        let step = accepted.step;
        let stage = match step.kind {
            CallKind::Map => 0,
            CallKind::Reduce | CallKind::Merge => 1 + step.level,
            CallKind::Title => u32::MAX,
        };
        let mates = by_chapter.entry(accepted.chapter).or_default();
        let needs = mates.iter().copied().filter(|mate| stages.get(*mate).is_some_and(|(_, other)| *other < stage));
        let needs = needs.collect();
        mates.push(calls.len());
        stages.push((accepted.chapter, stage));
        let chapter = accepted.chapter.unwrap_or_default() as usize;
        calls.push(Call { chapter, kind: Kind::Map, request: accepted.request, needs });
    }
    calls
}

/// The lower bound for a run's chapters.
pub fn bound(setup: Setup, accepted: &[Accepted]) -> Duration {
    lower_bound(setup, &Card::default(), &calls(accepted, true))
}

/// The lower bound for the synopsis, which cannot begin before the last chapter is done.
pub fn synopsis_bound(setup: Setup, accepted: &[Accepted]) -> Duration {
    lower_bound(setup, &Card::default(), &calls(accepted, false))
}
