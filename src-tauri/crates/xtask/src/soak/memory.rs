//! G8: the memory that a long book needs. The run goes on with a book that lies in the library already: reading a file
//! takes the whole of it into memory, which the run must not, so importing is measured by itself.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{library, measure, number};
use crate::server::Server;
use crate::setup;
use crate::shell::{cargo, command, succeed};

/// Most memory of the run, in MB, and of each further chapter, in kB.
pub const MOST: f64 = 40.0;
pub const MOST_A_CHAPTER: f64 = 1.0;

/// Bytes of a chapter.
const CHAPTER: usize = 12_000;

/// Real seconds a second of the server: so fast that the program's own work is what takes the time.
const TIME_SCALE: &str = "0.001";

/// Chapters of the book that is imported: with 12,000 characters each, a longer one would be refused.
pub const IMPORTED: usize = 4_000;

/// `cargo xtask soak memory`
pub fn memory(words: &[String]) -> Result<ExitCode> {
    let (few, many) = (number(words, "--few", 1_000)?, number(words, "--chapters", 10_000)?);
    if few >= many {
        bail!("--few must be below --chapters.");
    }
    let found = measured(few, many)?;
    let (more, a_chapter) = (found.more / 1.0e6, found.a_chapter() / 1.0e3);
    println!();
    println!("memory at its most:");
    println!("  run of {few} chapters    {:>8.1} MB", found.less / 1.0e6);
    println!("  run of {many} chapters   {more:>8.1} MB");
    println!("  another chapter          {a_chapter:>8.3} kB");
    println!("  target: at most {MOST:.1} MB and {MOST_A_CHAPTER:.1} kB a chapter");
    println!("  import of {IMPORTED} chapters, which has no target: {:.1} MB", found.import / 1.0e6);
    Ok(if more <= MOST && a_chapter <= MOST_A_CHAPTER { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Bytes at the most, of two runs and of an import.
pub struct Measured {
    few: usize,
    many: usize,
    less: f64,
    pub more: f64,
    pub import: f64,
}

impl Measured {
    /// Bytes of another chapter.
    pub fn a_chapter(&self) -> f64 {
        (self.more - self.less) / (self.many - self.few) as f64
    }
}

/// Measures runs of so many chapters, and an import.
pub fn measured(few: usize, many: usize) -> Result<Measured> {
    if !Path::new("/proc/self/status").exists() {
        bail!("This system does not tell how much memory a program has had; Linux does.");
    }
    setup::compiler()?;
    library::build()?;
    let mut build = cargo(&["build", "--quiet", "--release", "-p", "epitome-cli"]);
    succeed(build.arg("--target-dir").arg(measure()))?;
    let import = import()?;
    Ok(Measured { few, many, less: run(few)?, more: run(many)?, import })
}

/// The most memory that importing a book takes, in bytes; looked at when its first chapter is done.
fn import() -> Result<f64> {
    let folder = fresh("import")?;
    let book = folder.join("road.txt");
    write_book(&book, IMPORTED)?;
    let server = server()?;
    let mut program = Program::start(&folder, &server, &["summarise", &book.to_string_lossy()])?;
    program.until(|said| said["event"] == "progress" && said["chapters_done"].as_u64() > Some(0))?;
    let peak = program.peak()?;
    eprintln!("   {IMPORTED} chapters imported: {:.1} MB", peak / 1.0e6);
    drop(program);
    fs::remove_dir_all(&folder)?;
    Ok(peak)
}

/// The most memory that a whole run over so many chapters takes, in bytes.
fn run(chapters: usize) -> Result<f64> {
    let folder = fresh("run")?;
    let server = server()?;
    library::make(&folder.join("data"), chapters, 0, &server.url)?;
    let mut program = Program::start(&folder, &server, &["resume"])?;
    let end = program.until(|said| said["event"] == "done")?;
    let peak = program.peak()?;
    if end["summarised"].as_u64() != u64::try_from(chapters).ok() {
        bail!("The run did not summarise every chapter: {end}");
    }
    eprintln!("   {chapters} chapters summarised: {:.1} MB", peak / 1.0e6);
    drop(program);
    fs::remove_dir_all(&folder)?;
    Ok(peak)
}

/// An empty folder for one measurement.
fn fresh(name: &str) -> Result<PathBuf> {
    let folder = measure().join(format!("memory-{name}"));
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn server() -> Result<Server> {
    Server::start(&["--load-ms", "0", "--time-scale", TIME_SCALE])
}

/// The headless program; it ends with this.
struct Program {
    process: Child,
    says: BufReader<ChildStdout>,
}

impl Program {
    fn start(folder: &Path, server: &Server, words: &[&str]) -> Result<Self> {
        let program = measure().join("release").join(format!("epitome-cli{}", std::env::consts::EXE_SUFFIX));
        let mut start = command(&program.to_string_lossy(), words);
        start.args(["--json", "--url", &server.url, "--set", "llm.concurrency=4", "--data"]).arg(folder.join("data"));
        // Settings of this machine would change what is measured.
        start.env("EPITOME_CONFIG", folder.join("no-config")).stdout(Stdio::piped());
        let mut process = start.spawn().context("the program could not be started")?;
        let says = BufReader::new(process.stdout.take().context("the program says nothing")?);
        Ok(Self { process, says })
    }

    /// Listens until it says what is waited for.
    fn until(&mut self, found: impl Fn(&Value) -> bool) -> Result<Value> {
        let mut line = String::new();
        while self.says.read_line(&mut line)? > 0 {
            let said: Value = serde_json::from_str(&line)?;
            if found(&said) {
                return Ok(said);
            }
            line.clear();
        }
        bail!("The program ended before it was expected to.");
    }

    /// The most memory it has had so far, in bytes. Only a living process tells.
    fn peak(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let line = line.context("The program ended before its memory was looked at; try again.")?;
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib * 1024.0)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A book of our own words; each chapter has others.
fn write_book(file: &Path, chapters: usize) -> Result<()> {
    let mut file = BufWriter::new(File::create(file)?);
    write!(file, "The Long Road\n\nby An Author\n\n\n")?;
    for number in 1..=chapters {
        write!(file, "Chapter {number}\n\n")?;
        let mut written = 0;
        for sentence in 1.. {
            if written >= CHAPTER {
                break;
            }
            let day = number * 1_000 + sentence;
            let end = if sentence % 6 == 0 { "\n\n" } else { " " };
            let text =
                format!("On day {day} the travellers of company {number} crossed the wide river by a narrow bridge.");
            write!(file, "{text}{end}")?;
            written += text.len() + end.len();
        }
        write!(file, "\n\n\n")?;
    }
    Ok(file.flush()?)
}
