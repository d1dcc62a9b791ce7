//! The parent: starts children, hears them out, keeps what they found, and tells it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context as _;
use epitome_fuzz::Target;
use epitome_reader::limits;

use crate::Run;
use crate::child::HANG;

/// Seconds that one input may take: far above what any of this size needs, even on a busy machine.
const PATIENCE: u64 = 10;
/// Seconds of a short run, for each target; the number its inputs follow from.
const SHORT: (u64, u64) = (2, 1);
/// Findings of a target after which it is not tried any further.
const ENOUGH: usize = 20;

/// Ends of an engine that are shown.
const SHOWN: usize = 3;

/// What came of one target.
#[derive(Default)]
struct Row {
    runs: u64,
    outcomes: u64,
    slowest: u64,
    seconds: f64,
    /// Ends of the process that were an engine's of others: allowed, because readers run it in a child.
    engine: Vec<String>,
    findings: Vec<String>,
}

pub fn run(targets: Vec<&'static Target>, run: &Run) -> anyhow::Result<ExitCode> {
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let (seconds, fallback) = if run.short { SHORT } else { (run.seconds, now()) };
    let seed = run.seed.unwrap_or(fallback);
    std::fs::create_dir_all(&run.out).with_context(|| format!("{} cannot be made", run.out.display()))?;
    println!("seed {seed}, {seconds} s for each of {} targets\n", targets.len());
    println!(
        "{:<12} {:>9} {:>8} {:>9} {:>12} {:>8} {:>8}",
        "target", "runs", "runs/s", "outcomes", "slowest", "engine", "findings"
    );
    let jobs = run.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1);
    let waiting = Mutex::new(targets.into_iter());
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.next());
    let one = |target: &'static Target| {
        let row = row(target, seed, seconds, &run.out);
        match &row {
            Ok(row) => show(target, row),
            Err(error) => println!("{}: {error:#}", target.name),
        }
        row.is_ok_and(|row| row.findings.is_empty())
    };
    let work = || {
        let mut fine = true;
        while let Some(target) = next() {
            fine &= one(target);
        }
        fine
    };
    let fine = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(false)).fold(true, |all, fine| all & fine)
    });
    println!("\n{}", if fine { "nothing was found" } else { "something was found" });
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(target: &Target, row: &Row) {
    let each = row.runs as f64 / row.seconds.max(0.001);
    println!(
        "{:<12} {:>9} {each:>8.0} {:>9} {:>9} ms {:>8} {:>8}",
        target.name,
        row.runs,
        row.outcomes,
        row.slowest,
        row.engine.len(),
        row.findings.len()
    );
    for end in row.engine.iter().take(SHOWN) {
        println!("    engine: {end}");
    }
    for finding in &row.findings {
        println!("    FOUND: {finding}");
    }
}

fn row(target: &'static Target, seed: u64, seconds: u64, out: &Path) -> anyhow::Result<Row> {
    let mut row = Row::default();
    let begun = Instant::now();
    for part in 0.. {
        let left = seconds.saturating_sub(begun.elapsed().as_secs());
        if left == 0 || row.findings.len() >= ENOUGH {
            break;
        }
        let input = out.join(format!("{}-{seed}-{part}.input", target.name));
        let heard = child(target, seed.wrapping_add(part << 32), left, &input, false)?;
        heard.count(target, &mut row);
        if let Some(end) = heard.bad_end() {
            let kept = input.with_extension("ended");
            std::fs::rename(&input, &kept)?;
            let words = format!("{end}; {}", again(target, &kept));
            let engine = target.engine.is_some() && child(target, 0, 0, &kept, true)?.bad_end().is_some();
            if engine { row.engine.push(words) } else { row.findings.push(words) }
        } else {
            let _ = std::fs::remove_file(&input);
            if !heard.status.success() {
                row.findings.push(format!("the child failed: {}", heard.muttered.trim()));
            }
        }
    }
    row.seconds = begun.elapsed().as_secs_f64();
    Ok(row)
}

/// The command that runs the input again.
fn again(target: &Target, file: &Path) -> String {
    format!("cargo xtask fuzz replay {} {}", target.name, file.display())
}

/// What a child said, and how it ended.
struct Heard {
    lines: Vec<String>,
    muttered: String,
    status: ExitStatus,
}

impl Heard {
    fn count(&self, target: &Target, row: &mut Row) {
        let so_far = self.lines.iter().rev().find_map(|line| line.strip_prefix("so far\t"));
        let numbers: Vec<u64> =
            so_far.unwrap_or_default().split('\t').filter_map(|number| number.parse().ok()).collect();
        if let [runs, outcomes, slowest] = numbers[..] {
            row.runs += runs;
            row.outcomes = row.outcomes.max(outcomes);
            row.slowest = row.slowest.max(slowest);
        }
        for line in &self.lines {
            if let Some((file, why)) = line.strip_prefix("failed\t").and_then(|line| line.split_once('\t')) {
                row.findings.push(format!("{why}; {}", again(target, Path::new(file))));
            }
        }
    }

    /// How it ended, if an input did that to it.
    fn bad_end(&self) -> Option<String> {
        if self.status.code() == Some(i32::from(HANG)) {
            return Some(format!("not done within {PATIENCE} s"));
        }
        if self.muttered.contains("memory allocation of") {
            return Some(format!("more than {} MB of memory", limits::MEMORY >> 20));
        }
        if self.muttered.contains("overflowed its stack") {
            return Some("stack overflow".to_owned());
        }
        // A code means that it ended by itself.
        self.status.code().is_none().then(|| self.status.to_string())
    }
}

fn child(target: &Target, seed: u64, seconds: u64, input: &Path, engine: bool) -> anyhow::Result<Heard> {
    let own: PathBuf = std::env::current_exe()?;
    let mut command = Command::new(own);
    command.args(["child", target.name]);
    for (word, number) in
        [("--seed", seed), ("--seconds", seconds), ("--patience", PATIENCE), ("--memory", limits::MEMORY)]
    {
        command.arg(word).arg(number.to_string());
    }
    command.arg("--input").arg(input);
    if engine {
        command.arg("--engine");
    }
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (out, mut err) = (child.stdout.take(), child.stderr.take());
    let mutter = std::thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(err) = &mut err {
            let _ = err.read_to_end(&mut said);
        }
        String::from_utf8_lossy(&said).into_owned()
    });
    let lines = out.map(|out| BufReader::new(out).lines().map_while(Result::ok).collect()).unwrap_or_default();
    let muttered = mutter.join().unwrap_or_default();
    Ok(Heard { lines, muttered, status: child.wait()? })
}

/// Runs one file once, in a child.
pub fn replay(target: &'static Target, file: &Path) -> anyhow::Result<ExitCode> {
    let begun = Instant::now();
    let heard = child(target, 0, 0, file, false)?;
    let took: Duration = begun.elapsed();
    let said = heard.lines.join("\n");
    let end = heard.bad_end().unwrap_or_else(|| if said.is_empty() { heard.muttered.clone() } else { said.clone() });
    println!("{end}\n{:.1} s", took.as_secs_f64());
    let passed = heard.status.success() && !said.starts_with("failed");
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
