//! The child: tries one input after another within limits. What it is about to try stands in a file, so that it is
//! known whatever becomes of the child.

use std::collections::HashSet;
use std::io::{Seek as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use epitome_fuzz::{Target, mutate};
use epitome_testkit::Random;

/// Bytes of stack: what a reader's child has.
const STACK: usize = 16 << 20;
/// Exit code of a child that ended itself because an input took too long.
pub const HANG: u8 = 7;
/// Inputs kept to make others from.
const POOL: usize = 2_000;
/// Largest input kept.
const KEPT: usize = 48 << 10;
/// Kinds of outcomes that are told apart.
const OUTCOMES: usize = 20_000;

#[derive(clap::Args)]
pub struct Order {
    pub target: String,
    #[arg(long)]
    pub seed: u64,
    /// Seconds to go on for; 0 tries only what is in `input`.
    #[arg(long)]
    pub seconds: u64,
    /// Seconds that one input may take.
    #[arg(long)]
    pub patience: u64,
    /// Bytes of address space.
    #[arg(long)]
    pub memory: u64,
    /// The file that holds what is being tried.
    #[arg(long)]
    pub input: PathBuf,
    /// Only the engine of others.
    #[arg(long)]
    pub engine: bool,
}

/// What a child has done so far; its lines on standard output.
#[derive(Default)]
struct Report {
    runs: u64,
    outcomes: HashSet<String>,
    slowest: Duration,
}

/// Where and why the last panic was.
static PANIC: Mutex<Option<String>> = Mutex::new(None);
/// Number of the input that is being tried; 0 while there is none.
static TRYING: AtomicU64 = AtomicU64::new(0);

pub fn run(order: Order) -> anyhow::Result<ExitCode> {
    limit(order.memory)?;
    std::panic::set_hook(Box::new(|info| {
        let said = info.payload_as_str().unwrap_or("without words").to_owned();
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        if let Ok(mut panic) = PANIC.lock() {
            *panic = Some(format!("{place}: {said}"));
        }
    }));
    let patience = Duration::from_secs(order.patience);
    std::thread::spawn(move || watch(patience));
    let trying = std::thread::Builder::new().stack_size(STACK).spawn(move || try_all(&order))?;
    trying.join().map_err(|_| anyhow::anyhow!("the child itself failed"))??;
    Ok(ExitCode::SUCCESS)
}

#[cfg(unix)]
fn limit(memory: u64) -> anyhow::Result<()> {
    use nix::sys::resource::{Resource, setrlimit};
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    Ok(setrlimit(Resource::RLIMIT_AS, memory, memory)?)
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "other systems have limits that may fail")]
fn limit(_memory: u64) -> anyhow::Result<()> {
    Ok(())
}

/// Ends the process when one input takes longer than `patience`.
fn watch(patience: Duration) {
    let (mut last, mut since) = (0, Instant::now());
    loop {
        std::thread::sleep(Duration::from_millis(50));
        let now = TRYING.load(Ordering::Relaxed);
        if now != last || now == 0 {
            (last, since) = (now, Instant::now());
        } else if since.elapsed() > patience {
            std::process::exit(i32::from(HANG));
        }
    }
}

fn try_all(order: &Order) -> anyhow::Result<()> {
    let target = epitome_fuzz::target(&order.target).ok_or_else(|| anyhow::anyhow!("no such target"))?;
    if order.seconds == 0 {
        let data = std::fs::read(&order.input)?;
        match (order.engine, target.engine) {
            (true, Some(engine)) => trying(1, || engine(&data)),
            _ => println!("{}", tried(target, &data, 1).unwrap_or_else(|why| format!("failed\t{why}"))),
        }
        return Ok(());
    }
    let mut random = Random::of(&[order.seed, order.target.bytes().fold(0, |sum, byte| sum * 31 + u64::from(byte))]);
    let mut file = std::fs::File::create(&order.input)?;
    let mut report = Report::default();
    let mut failures = HashSet::new();
    let mut pool = (target.seeds)();
    for seed in pool.clone() {
        one(target, &seed, &mut file, &mut report, &mut failures, &order.input)?;
    }
    let (begun, mut told) = (Instant::now(), Instant::now());
    while begun.elapsed() < Duration::from_secs(order.seconds) {
        let from = random.below(pool.len());
        let data = mutate(target, &pool, pool.get(from).map_or(&[], Vec::as_slice), random.next_u64());
        let new = one(target, &data, &mut file, &mut report, &mut failures, &order.input)?;
        if new && data.len() <= KEPT {
            if pool.len() < POOL {
                pool.push(data);
            } else {
                let place = random.below(POOL);
                pool[place] = data;
            }
        }
        if told.elapsed() > Duration::from_millis(500) {
            tell(&report);
            told = Instant::now();
        }
    }
    tell(&report);
    Ok(())
}

/// Tries one input; returns whether its outcome is of a new kind.
fn one(
    target: &Target,
    data: &[u8],
    file: &mut std::fs::File,
    report: &mut Report,
    failures: &mut HashSet<String>,
    input: &Path,
) -> anyhow::Result<bool> {
    file.rewind()?;
    file.write_all(data)?;
    file.set_len(data.len() as u64)?;
    report.runs += 1;
    let begun = Instant::now();
    let outcome = tried(target, data, report.runs);
    let took = begun.elapsed();
    if took > report.slowest {
        report.slowest = took;
        std::fs::write(input.with_extension("slowest"), data)?;
    }
    Ok(match outcome {
        Ok(outcome) => report.outcomes.len() < OUTCOMES && report.outcomes.insert(outcome),
        Err(why) => {
            // Of one kind of failure the first is enough.
            let kind: String = why.chars().filter(|c| !c.is_ascii_digit()).take(90).collect();
            if failures.insert(kind) {
                let kept = input.with_extension(format!("{}.failed", failures.len()));
                std::fs::write(&kept, data)?;
                println!("failed\t{}\t{}", kept.display(), why.replace(['\n', '\t'], " "));
            }
            false
        }
    })
}

/// The outcome, or why it failed: a panic of ours, or one that nothing caught.
fn tried(target: &Target, data: &[u8], number: u64) -> Result<String, String> {
    let outcome = trying(number, || catch_unwind(AssertUnwindSafe(|| (target.check)(data))));
    let panic = PANIC.lock().ok().and_then(|mut panic| panic.take());
    match (outcome, panic) {
        (Ok(_), Some(panic)) if panic.contains("epitome-") => Err(panic),
        (Ok(outcome), _) => Ok(outcome),
        (Err(_), panic) => Err(panic.unwrap_or_default()),
    }
}

fn trying<T>(number: u64, work: impl FnOnce() -> T) -> T {
    TRYING.store(number, Ordering::Relaxed);
    let done = work();
    TRYING.store(0, Ordering::Relaxed);
    done
}

fn tell(report: &Report) {
    println!("so far\t{}\t{}\t{}", report.runs, report.outcomes.len(), report.slowest.as_millis());
}
