//! Runs that are broken off, and what must hold of them: nothing that was told is lost, nothing is paid for twice, and
//! the outcome is that of a run nobody disturbed.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::ops::AddAssign;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use epitome_testkit::{GpuModel, SimConfig};
use rusqlite::Connection;
use serde_json::Value;

use crate::support::{Home, Server, code, err, text};

/// The endings of the exports that are compared.
const EXPORTS: [&str; 2] = ["json", "md"];

/// What the program prints is kept here, one file a life.
const TOLD: &str = "told.jsonl";

/// A server slow enough that a run of sixty chapters takes about a second and a half.
pub fn server() -> Server {
    let gpu = GpuModel { load_ms: 0.0, ..GpuModel::default() };
    Server::start(SimConfig { parallel: 4, time_scale: 0.004, gpu, ..SimConfig::default() })
}

/// What came of lives that were broken off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub kills: usize,
    /// Whole runs that the kills were spread over.
    pub runs: usize,
    /// Chapters that the program had told as done, and answers that had been seen stored, that were gone afterwards.
    pub lost: usize,
    /// Calls that the server answered to the end more than once.
    pub repeated: usize,
    /// Those of them whose answer was stored before, so that it was not in flight when the process died.
    pub paid_twice: usize,
    /// Answers stored twice for the same place, and chapters with two summaries of one job.
    pub duplicates: usize,
    /// Answers that were stored, and chapters that had been told as done, when the process died; summed up over the
    /// kills.
    pub kept: usize,
    pub told: usize,
}

impl Figures {
    /// That nothing went wrong, except that answers in flight were asked for again.
    pub fn hold(&self) {
        assert_eq!((self.lost, self.paid_twice, self.duplicates), (0, 0, 0), "{self}");
    }
}

impl AddAssign for Figures {
    fn add_assign(&mut self, more: Self) {
        self.kills += more.kills;
        self.runs += more.runs;
        self.lost += more.lost;
        self.repeated += more.repeated;
        self.paid_twice += more.paid_twice;
        self.duplicates += more.duplicates;
        self.kept += more.kept;
        self.told += more.told;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, runs, lost, repeated, paid_twice, duplicates, kept, told } = self;
        write!(
            f,
            "{kills} kills in {runs} runs: {lost} acknowledged results lost (of {kept} stored and {told} told ones), {repeated} \
             calls repeated, {paid_twice} of them not in flight at a kill, {duplicates} duplicates"
        )
    }
}

/// The exports of a run that nobody disturbed, and the calls it took.
pub struct Calm {
    exports: Vec<String>,
    calls: usize,
}

impl Calm {
    pub fn run(book: &str) -> Self {
        let (home, server) = (Home::new(), server());
        let file = home.file("road.txt", book);
        let done = home.run(&words(&["summarise", &text(&file), "--url", &server.url()]));
        assert_eq!(code(&done), 0, "{}", err(&done));
        let stored = Library::of(&home).unwrap();
        assert_eq!((stored.answers.len(), stored.duplicates), (server.settled().finished.len(), 0));
        Self { exports: EXPORTS.map(|ending| home.export_text(ending)).to_vec(), calls: server.finished() }
    }
}

/// One home whose program dies again and again.
pub struct Rough {
    pub home: Home,
    pub server: Server,
    file: PathBuf,
    figures: Figures,
    /// Every answer that was seen stored, and what it was.
    seen: BTreeMap<String, String>,
    /// Answers that the server had given to the end and that were not stored when the process last died.
    in_flight: usize,
    repeated: usize,
}

impl Rough {
    pub fn new(book: &str) -> Self {
        let (home, server) = (Home::new(), server());
        let file = home.file("road.txt", book);
        let figures = Figures { runs: 1, ..Figures::default() };
        Self { home, server, file, figures, seen: BTreeMap::new(), in_flight: 0, repeated: 0 }
    }

    /// Whether the job is done; what is left is its export. A second job would be planned with what the first learned.
    pub fn is_done(&self) -> bool {
        Library::of(&self.home).is_some_and(|library| library.is_done)
    }

    /// Deaths so far.
    pub fn kills(&self) -> usize {
        self.figures.kills
    }

    /// `summarise` with the book, or `resume`.
    pub fn command(&self, resume: bool) -> Command {
        let (file, url) = (text(&self.file), self.server.url());
        let first = if resume { vec!["resume"] } else { vec!["summarise", &file, "--url", &url] };
        let mut command = self.home.command(&words(&first));
        let told = File::create(self.home.path(TOLD)).unwrap();
        command.arg("--json").stdout(told).stderr(Stdio::inherit());
        command
    }

    /// Lets a life last so long, and then kills it where it has not ended by itself.
    pub fn kill_after(&mut self, resume: bool, life: Duration) {
        let mut child: Child = self.command(resume).spawn().unwrap();
        let end = Instant::now() + life;
        let ended = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if Instant::now() >= end {
                break None;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        if let Some(status) = ended {
            assert!(status.success(), "it ended by itself with {status}");
            return;
        }
        // On Unix this is SIGKILL.
        child.kill().unwrap();
        child.wait().unwrap();
        self.died();
    }

    /// Looks at what a death has left.
    pub fn died(&mut self) {
        self.figures.kills += 1;
        let stored = Library::of(&self.home).unwrap_or_default();
        self.figures.kept += stored.answers.len();
        let told = self.told_done();
        self.figures.told += told;
        self.figures.lost += told.saturating_sub(stored.done);
        self.compare(&stored);
        let stats = self.server.settled();
        self.count_repeated(stats.finished_again());
        self.in_flight = stats.finished.len().saturating_sub(stored.answers.len());
    }

    /// What was stored once stays as it is.
    fn compare(&mut self, stored: &Library) {
        let gone = self.seen.iter().filter(|(key, output)| stored.answers.get(*key) != Some(output)).count();
        self.figures.lost += gone;
        self.figures.duplicates = self.figures.duplicates.max(stored.duplicates);
        self.seen.clone_from(&stored.answers);
    }

    /// Within one life no more calls are repeated than were in flight when the last one ended.
    fn count_repeated(&mut self, repeated: usize) {
        let now = repeated - self.repeated;
        self.figures.paid_twice += now.saturating_sub(self.in_flight);
        self.figures.repeated += now;
        self.repeated = repeated;
    }

    /// Chapters that the program said were done.
    fn told_done(&self) -> usize {
        let told = std::fs::read_to_string(self.home.path(TOLD)).unwrap_or_default();
        // The last line may be half a line.
        let events = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let done = events.filter_map(|event| event["chapters_done"].as_u64());
        done.max().map_or(0, |done| usize::try_from(done).unwrap())
    }

    /// Runs it to its end and compares it with the calm run.
    pub fn finish(mut self, calm: &Calm) -> Figures {
        // The first life may have died before there was a job.
        for resume in [true, false] {
            if !self.is_done() {
                let ended = self.command(resume).status().unwrap();
                assert!(ended.success(), "the last life ended with {ended}");
            }
        }
        // What an earlier life exported may be half a file.
        let _ = std::fs::remove_dir_all(self.home.path("out"));
        for ending in EXPORTS {
            let done = self.home.run(&["export", "road.txt", "--format", ending, "--out", "out"]);
            assert_eq!(code(&done), 0, "{}", err(&done));
        }
        let stored = Library::of(&self.home).unwrap();
        self.compare(&stored);
        let stats = self.server.settled();
        self.count_repeated(stats.finished_again());
        for (ending, calm) in EXPORTS.iter().zip(&calm.exports) {
            let rough = self.home.export_text(ending);
            // Where they differ first says more than two whole books.
            let differing = calm.lines().zip(rough.lines()).find(|(calm, rough)| calm != rough);
            assert!(*calm == rough, "the {ending} export has {} and {} bytes; {differing:#?}", calm.len(), rough.len());
        }
        assert_eq!(stats.finished.len(), calm.calls, "every call was made, and no other");
        assert_eq!(stored.answers.len(), calm.calls, "every answer is stored");
        self.figures
    }
}

fn words<'a>(first: &[&'a str]) -> Vec<&'a str> {
    first.iter().copied().chain(["--export", "json,md", "--out", "out"]).collect()
}

/// What the library of a home holds.
#[derive(Default)]
struct Library {
    /// Key and text.
    answers: BTreeMap<String, String>,
    /// Chapters that are marked as done and have their summary.
    done: usize,
    duplicates: usize,
    is_done: bool,
}

impl Library {
    /// Looks at a copy: opening the file itself would mend it, and the next life would find it whole. `None` before the
    /// first format is made.
    fn of(home: &Home) -> Option<Self> {
        let copy = tempfile::tempdir().unwrap();
        let data = home.path("data");
        for name in ["library.sqlite", "library.sqlite-wal"] {
            if data.join(name).exists() {
                std::fs::copy(data.join(name), copy.path().join(name)).unwrap();
            }
        }
        let file = copy.path().join("library.sqlite");
        if !file.exists() {
            return None;
        }
        let conn = Connection::open(file).unwrap();
        let verdict: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(verdict, "ok");
        let format: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        if format == 0 {
            return None;
        }
        let broken = conn.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get::<_, i64>(0));
        assert_eq!(broken.unwrap(), 0, "rows that point nowhere");
        let mut select = conn.prepare("SELECT key, output FROM call").unwrap();
        let answers = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let answers = answers.collect::<Result<_, _>>().unwrap();
        let done = count(
            &conn,
            "SELECT count(DISTINCT section_id) FROM job_chapter JOIN summary USING (job_id, section_id)
             WHERE state = 'done'",
        );
        let unsummarised = count(
            &conn,
            "SELECT count(*) FROM job_chapter LEFT JOIN summary USING (job_id, section_id)
             WHERE state = 'done' AND summary.id IS NULL",
        );
        assert_eq!(unsummarised, 0, "chapters marked as done without a summary");
        // The synopsis is put together in several rounds, and places are counted anew in each.
        let duplicates = count(
            &conn,
            "SELECT (SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM call
                     WHERE chapter IS NOT NULL GROUP BY job_id, chapter, kind, place))
                  + (SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM summary
                     GROUP BY job_id, section_id))",
        );
        let is_done = count(&conn, "SELECT count(*) FROM job WHERE state = 'done'") > 0;
        Some(Self { answers, done, duplicates, is_done })
    }
}

fn count(conn: &Connection, sql: &str) -> usize {
    conn.query_row(sql, [], |row| row.get::<_, i64>(0)).map(|count| usize::try_from(count).unwrap()).unwrap()
}
