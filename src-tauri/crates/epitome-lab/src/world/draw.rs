//! A small world from a seed: everything about it is drawn.

use std::time::Duration;

use epitome_engine::Room;
use epitome_engine::ladder::Limit;
use epitome_engine::sched::LaneSpec;
use epitome_model::{
    BreakerRule, BreakerSettings, ChapterOrder, Concurrency, JobId, JobSettings, Permit, Profile, ProviderKind,
};
use epitome_testkit::Random;

use super::scene::{Act, Crash, HostScene, JobScene, Point, Scene};
use super::speech::{Length, Speech};
use super::weather::{Fault, Weather};
use super::{COMMIT, book};
use crate::server::{Card, Curve, Setup};

/// By then nothing goes wrong any more.
const CLEAR: Duration = Duration::from_secs(4 * 3600);

/// A world that is not over by then has failed.
const LONGEST: Duration = Duration::from_secs(5 * 24 * 3600);

const RULES: [BreakerRule; 4] = [BreakerRule::Broken, BreakerRule::Broken, BreakerRule::Off, BreakerRule::Figures];

const SETUPS: [Setup; 8] = [
    Setup::Fifo { slots: 1 },
    Setup::Fifo { slots: 2 },
    Setup::Fifo { slots: 4 },
    Setup::ProcessorSharing { cap: 4 },
    Setup::Batch { slots: 1, curve: Curve::Cuda },
    Setup::Batch { slots: 4, curve: Curve::Cuda },
    Setup::Batch { slots: 8, curve: Curve::Metal },
    Setup::Batch { slots: 16, curve: Curve::Flat },
];

/// Adds something that goes wrong to a world.
type Trouble = fn(&mut Scene, &mut Random);

/// The world of a seed. One in four is calm; of the others each has its own mix.
pub fn draw(seed: u64) -> Scene {
    let mut random = Random::of(&[seed, 0x5CE4]);
    let calm_world = likely(&mut random, 0.25);
    let mut scene = calm(seed, &mut random);
    let troubles: [(f64, Trouble); 5] = [
        (0.6, trouble_calls),
        (0.4, trouble_person),
        (0.35, trouble_servers),
        (0.3, trouble_disk),
        (0.35, trouble_crashes),
    ];
    for (share, trouble) in troubles {
        if !calm_world && likely(&mut random, share) {
            trouble(&mut scene, &mut random);
        }
    }
    scene
}

fn likely(random: &mut Random, share: f64) -> bool {
    random.unit() < share
}

/// The world of a seed with one kind of fault, which meets one call in ten.
pub fn draw_with(seed: u64, fault: Fault) -> Scene {
    let mut random = Random::of(&[seed, 0xFA17]);
    let mut scene = calm(seed, &mut random);
    scene.weather = Weather { rates: vec![(fault, 0.1)], until: CLEAR };
    scene
}

fn pick<T: Copy>(random: &mut Random, items: &[T], otherwise: T) -> T {
    random.pick(items).copied().unwrap_or(otherwise)
}

fn number(random: &mut Random, from: u32, to: u32) -> u32 {
    from + u32::try_from(random.below((to - from + 1) as usize)).unwrap_or_default()
}

fn seconds(random: &mut Random, from: f64, to: f64) -> Duration {
    // Most things happen early, since most worlds are short.
    let unit = random.unit();
    Duration::from_secs_f64(from + (to - from) * unit * unit)
}

fn calm(seed: u64, random: &mut Random) -> Scene {
    let hosts: Vec<HostScene> = (0..pick(random, &[1, 1, 1, 2, 3], 1)).map(|at| host(at, random)).collect();
    let count = pick(random, &[1, 1, 1, 2, 2, 3], 1);
    let speech = Speech {
        length: match random.below(3) {
            0 => Length::Asked,
            _ => Length::Model(0.05 + random.unit() * 0.3),
        },
        formless: pick(random, &[0.0, 0.0, 0.3, 1.0], 0.0),
    };
    let mut jobs: Vec<JobScene> = Vec::new();
    for at in 0..count {
        let id = JobId(i64::from(at) + 1);
        let starts = if at == 0 || random.below(2) == 0 { Duration::ZERO } else { seconds(random, 0.0, 200.0) };
        let twin = jobs.first().filter(|_| random.below(4) == 0).cloned();
        jobs.push(match twin {
            Some(first) if at == 1 && random.below(2) == 0 => JobScene { id, repeats: Some(first.id), starts, ..first },
            Some(first) => alike(id, &first, random),
            None => job(id, starts, &hosts, random),
        });
    }
    Scene {
        seed,
        cores: number(random, 1, 4),
        hosts,
        jobs,
        speech,
        weather: Weather::default(),
        acts: Vec::new(),
        crashes: Vec::new(),
        ticks: (random.below(8) == 0).then_some(Duration::from_millis(100)),
        longest: LONGEST,
        checked: true,
    }
}

fn host(at: u32, random: &mut Random) -> HostScene {
    let kind = if random.below(4) == 0 { ProviderKind::OpenAi } else { ProviderKind::Ollama };
    HostScene {
        name: format!("http://host-{at}"),
        kind,
        setup: pick(random, &SETUPS, Setup::Fifo { slots: 4 }),
        card: Card {
            prefill_rate: 400.0 + random.unit() * 8_000.0,
            token_s: 0.005 + random.unit() * 0.06,
            ..Card::default()
        },
        load: Duration::from_secs(pick(random, &[0, 2, 8, 30], 2)),
        untimed: kind == ProviderKind::OpenAi,
    }
}

/// Another book of the same length with the same settings, at the same time.
fn alike(id: JobId, first: &JobScene, random: &mut Random) -> JobScene {
    let mut job = first.clone();
    (job.id, job.repeats) = (id, None);
    job.frame.book_title = format!("Book {id}");
    job.texts = first.texts.iter().enumerate().map(|(at, text)| book::text(at, text.chars().count(), random)).collect();
    job
}

fn job(id: JobId, starts: Duration, hosts: &[HostScene], random: &mut Random) -> JobScene {
    let settings = settings(random);
    let median = pick(random, &[300.0, 1_500.0, 4_000.0], 1_500.0);
    let count = pick(random, &[1, 2, 4, 6, 8, 12, 30], 4);
    let texts = (0..count).map(|at| {
        let chars = match random.below(20) {
            0 => 0,
            1 => random.below(30),
            _ => crate::corpus::whole(median * (0.8 * random.normal()).exp()).min(20_000) as usize,
        };
        book::text(at, chars, random)
    });
    let texts: Vec<_> = texts.collect();
    let mut frame = book::frame(&format!("Book {id}"), settings, 20_000);
    frame.room = Room::of(pick(random, &[500, 900, 2_000, 5_000, 20_000], 2_000));
    let model = format!("model-{}", random.below(2));
    let mut tiers = vec![lanes(hosts, &model, &frame.settings, random)];
    if random.below(4) == 0 {
        tiers.push(lanes(hosts, "substitute", &frame.settings, random));
    }
    let identities = (0..tiers.len()).map(|tier| format!("{model} {tier}")).collect();
    let urgent = random.below(8) == 0;
    JobScene { id, frame, texts, tiers, identities, urgent, starts, repeats: None }
}

fn lanes(hosts: &[HostScene], model: &str, settings: &JobSettings, random: &mut Random) -> Vec<LaneSpec> {
    let mut lanes: Vec<LaneSpec> = Vec::new();
    for host in hosts {
        if lanes.is_empty() || random.below(2) == 0 {
            lanes.push(LaneSpec {
                kind: host.kind,
                server: host.name.clone(),
                model: model.to_owned(),
                window: settings.window.unwrap_or_default(),
                limit: match settings.concurrency {
                    Concurrency::Fixed(limit) => Limit::Fixed(limit),
                    Concurrency::Auto => Limit::Auto { remembered: None },
                },
            });
        }
    }
    lanes
}

fn settings(random: &mut Random) -> JobSettings {
    let profile = pick(random, &[Profile::Auto, Profile::Auto, Profile::Track1, Profile::Baseline], Profile::Auto);
    let old = profile != Profile::Auto;
    let fixed = Concurrency::Fixed(number(random, 1, 8));
    JobSettings {
        profile,
        model: "model".to_owned(),
        concurrency: if random.below(2) == 0 { fixed } else { Concurrency::Auto },
        first_token_s: 900,
        stall_s: pick(random, &[20, 60], 60),
        attempts: number(random, 1, 5),
        outage_s: pick(random, &[0, 0, 60, 600], 0),
        chunk_size: old.then(|| number(random, 500, 2_500)),
        chunk_overlap: if old { number(random, 0, 200) } else { 0 },
        chunk_threshold: if old { number(random, 500, 3_000) } else { 5_000 },
        summary_capacity: pick(random, &[1, 2, 5, 20, 256], 256),
        backpressure_at: pick(random, &[1, 2, 8, 800], 800),
        enqueue_batch: pick(random, &[None, Some(1), Some(3), Some(32)], None),
        enqueue_high_water: pick(random, &[None, Some(0.1), Some(0.8)], None),
        workers_min: number(random, 1, 3),
        workers_max: pick(random, &[1, 3, 8, 32], 32),
        permit: match profile {
            Profile::Baseline => Permit::Chapter,
            _ => pick(random, &[Permit::Call, Permit::Call, Permit::Call, Permit::Chapter], Permit::Call),
        },
        order: match random.below(8) {
            0 => ChapterOrder::Backwards,
            1 => ChapterOrder::Shortest,
            2 => ChapterOrder::Longest,
            _ => ChapterOrder::Reading,
        },
        breaker: BreakerSettings { rule: pick(random, &RULES, BreakerRule::Broken), ..BreakerSettings::default() },
        weight: number(random, 1, 3),
        ..JobSettings::default()
    }
}

fn trouble_calls(scene: &mut Scene, random: &mut Random) {
    scene.weather.until = CLEAR;
    for _ in 0..number(random, 1, 4) {
        let fault = pick(random, &Fault::ALL, Fault::Cut);
        // Nothing ends well with a slot lost, or a job stopped, every other call.
        let rare = matches!(fault, Fault::Leak | Fault::Load | Fault::Memory);
        let rates: &[f64] = if rare { &[0.01, 0.03] } else { &[0.01, 0.05, 0.2, 0.4] };
        scene.weather.rates.push((fault, pick(random, rates, 0.05)));
    }
}

fn trouble_person(scene: &mut Scene, random: &mut Random) {
    let jobs: Vec<JobScene> = scene.jobs.clone();
    for _ in 0..number(random, 1, 6) {
        let Some(job) = random.pick(&jobs) else { return };
        let (id, at) = (job.id, seconds(random, 0.1, 400.0));
        let after = at + seconds(random, 0.0, 60.0);
        match random.below(6) {
            0 => scene.acts.extend([(at, Act::Pause(id)), (after, Act::Resume(id))]),
            1 => scene.acts.extend([(at, Act::Stop(id)), (after, Act::Resume(id))]),
            2 => scene.acts.push((at, Act::Front(id, Some(number(random, 0, 11))))),
            3 => scene.acts.push((at, Act::Front(id, None))),
            4 => scene.acts.extend([(at, Act::Finish(id)), (after, Act::Resume(id))]),
            _ => {
                let other = settings(random);
                let changed = JobSettings {
                    concurrency: other.concurrency,
                    attempts: other.attempts,
                    outage_s: other.outage_s,
                    stall_s: other.stall_s,
                    backpressure_at: other.backpressure_at,
                    enqueue_batch: other.enqueue_batch,
                    enqueue_high_water: other.enqueue_high_water,
                    workers_min: other.workers_min,
                    workers_max: other.workers_max,
                    breaker: other.breaker,
                    weight: other.weight,
                    order: other.order,
                    ..job.frame.settings.clone()
                };
                scene.acts.push((at, Act::Settings(id, Box::new(changed))));
            }
        }
    }
    // Whatever the person did, in the end they want it done.
    for job in &jobs {
        scene.acts.push((Duration::from_secs(1_000), Act::Resume(job.id)));
    }
}

fn trouble_servers(scene: &mut Scene, random: &mut Random) {
    for _ in 0..number(random, 1, 4) {
        let host = random.below(scene.hosts.len());
        let at = seconds(random, 0.0, 600.0);
        if random.below(3) == 0 {
            scene.acts.push((at, Act::Forget(host)));
            continue;
        }
        let after = at + seconds(random, 0.2, 300.0);
        if random.below(4) == 0 {
            scene.acts.extend([(at, Act::Crowd(host, true)), (after, Act::Crowd(host, false))]);
            continue;
        }
        let setup = pick(random, &SETUPS, Setup::Fifo { slots: 1 });
        scene.acts.extend([(at, Act::Away(host)), (after, Act::Back(host, setup))]);
    }
    for host in 0..scene.hosts.len() {
        let setup = scene.hosts[host].setup;
        let end = Duration::from_secs(2_000);
        scene.acts.extend([(end, Act::Back(host, setup)), (end, Act::Crowd(host, false))]);
    }
}

fn trouble_disk(scene: &mut Scene, random: &mut Random) {
    for _ in 0..number(random, 1, 3) {
        let at = seconds(random, 0.0, 300.0);
        let after = at + seconds(random, 0.1, 120.0);
        if random.below(2) == 0 {
            scene.acts.extend([(at, Act::DiskFull(true)), (after, Act::DiskFull(false))]);
        } else {
            let takes = seconds(random, 0.02, 5.0);
            scene.acts.extend([(at, Act::DiskTakes(takes)), (after, Act::DiskTakes(COMMIT))]);
        }
    }
    let end = Duration::from_secs(1_000);
    scene.acts.extend([(end, Act::DiskFull(false)), (end, Act::DiskTakes(COMMIT))]);
}

fn trouble_crashes(scene: &mut Scene, random: &mut Random) {
    for _ in 0..number(random, 1, 3) {
        if random.below(3) == 0 {
            scene.acts.push((seconds(random, 0.0, 300.0), Act::Crash));
        } else {
            let point = pick(random, &Point::ALL, Point::Stored);
            scene.crashes.push(Crash { point, nth: number(random, 1, 12) });
        }
    }
}
