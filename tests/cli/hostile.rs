//! Files made to do harm, or that cannot be read, read by the program as a person would have it read them: each ends
//! soon with what must come of it, the program goes on, and nothing of it stays.

use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use epitome_testkit::hostile::{self, Ends, Hostile};

use crate::support::{Home, code, err, lines, out, text};

/// Seconds that each file may take, for this test (`EPITOME_PARSE_SECONDS`): a file that draws without end is given up
/// after them.
const SECONDS: &str = "5";

/// Longest a file of these may take on a busy machine: the reader's own limit, and something for the rest.
const LONGEST: Duration = Duration::from_secs(200);

/// Most memory of the program's child in kB: its limit, and of the program itself: the largest file and its text.
const MEMORY: u64 = 1_500 << 10;

/// Files that are read at a time.
const AT_A_TIME: usize = 2;

/// The largest that a process and those it started have been, in kB.
fn largest(child: u32) -> u64 {
    let of = |pid: &str| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
    };
    let threads = std::fs::read_dir(format!("/proc/{child}/task")).into_iter().flatten().flatten();
    let children = threads.map(|thread| std::fs::read_to_string(thread.path().join("children")).unwrap_or_default());
    let children: Vec<String> = children.collect();
    children.iter().flat_map(|children| children.split_whitespace()).map(of).fold(of(&child.to_string()), u64::max)
}

/// Waits for the program; the largest it was in kB, and what it said.
fn watched(mut child: Child, name: &str) -> (u64, Output) {
    let begun = Instant::now();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(largest(child.id()));
        assert!(begun.elapsed() < LONGEST, "{name} takes too long");
        std::thread::sleep(Duration::from_millis(5));
    }
    (peak, child.wait_with_output().unwrap())
}

/// Gives the file to the program.
#[allow(clippy::print_stdout, reason = "what the limits cost is told")]
fn try_file(home: &Home, Hostile { name, bytes, ends }: Hostile) -> Tried {
    let file = home.file(name, bytes);
    let begun = Instant::now();
    // A book that is read would be summarised, which is nothing to this test.
    let command = if ends == Ends::Reads { "chapters" } else { "summarise" };
    let words: &[&str] = if ends == Ends::Reads { &[] } else { &["--builtin"] };
    let mut program = home.command(&[&[command, &text(&file)][..], words].concat());
    program.env("EPITOME_PARSE_SECONDS", SECONDS).stdout(Stdio::piped()).stderr(Stdio::piped());
    let (peak, done) = watched(program.spawn().unwrap(), name);
    let seconds = begun.elapsed().as_secs_f64();
    let said = err(&done);
    println!("{name:<24} {seconds:>5.1} s {:>5} MB  {}", peak >> 10, said.trim().lines().next().unwrap_or("read"));
    let wrong = wrong(name, ends, &done).or_else(|| (peak > MEMORY).then(|| "takes too much memory".to_owned()));
    std::fs::remove_file(&file).unwrap();
    Tried { peak, seconds, wrong: wrong.map(|wrong| format!("{name} {wrong}: {said}")) }
}

/// What came of a file.
struct Tried {
    /// In kB.
    peak: u64,
    seconds: f64,
    wrong: Option<String>,
}

/// What is not as it must be.
fn wrong(name: &str, ends: Ends, done: &Output) -> Option<String> {
    let said = err(done);
    let wrong = |is: bool, what: &str| is.then(|| what.to_owned());
    match ends {
        Ends::Reads => wrong(code(done) != 0, "must be read")
            .or_else(|| wrong(out(done).contains("root:"), "read a file of the machine")),
        Ends::Says(words) | Ends::SaysOr(words, _) => {
            let other = if let Ends::SaysOr(_, other) = ends { other } else { words };
            let sentence = said.starts_with(&format!("epitome-cli: “{name}” ")) && said.trim().ends_with('.');
            wrong(code(done) != 2, "must be refused")
                .or_else(|| wrong(!said.contains(words) && !said.contains(other), &format!("must say “{words}”")))
                .or_else(|| {
                    wrong(!sentence || said.contains("panicked") || said.lines().count() > 3, "says no sentence")
                })
        }
    }
}

/// Everything below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(below(&path));
        }
        found.push(path);
    }
    found
}

#[test]
fn files_made_to_do_harm_come_to_what_they_must() {
    let home = Home::new();
    let files = Mutex::new(hostile::all());
    let next = || files.lock().unwrap().next();
    let work = || {
        let mut seen = Vec::new();
        while let Some(file) = next() {
            seen.push(try_file(&home, file));
        }
        seen
    };
    let seen: Vec<Tried> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let peak = seen.iter().map(|tried| tried.peak).max().unwrap() >> 10;
    let longest = seen.iter().map(|tried| tried.seconds).fold(0.0, f64::max);
    println!("{} files, {peak} MB and {longest:.1} s at most", seen.len());
    let wrong: Vec<String> = seen.iter().filter_map(|tried| tried.wrong.clone()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen.len() >= 100);
    assert!(lines(&home.run(&["status", "--json"])).is_empty(), "nothing of them came into the library");
    // Beside the library's own files there is nothing, and nothing was written where names led to.
    let strange: Vec<PathBuf> = below(home.folder.path())
        .into_iter()
        .filter(|path| {
            let data = path.starts_with(home.path("data")) || path.starts_with(home.path("config"));
            !data || path.to_string_lossy().contains("was-here")
        })
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
    for place in ["/tmp/epitome-was-here", "/tmp/epitome-was-here.txt"] {
        assert!(!Path::new(place).exists(), "{place} was written");
    }
}

/// Names that are hard to show, of a book and of what is none.
#[cfg(target_os = "linux")]
#[test]
fn hard_names_are_shown_on_one_line() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let home = Home::new();
    let long = "n".repeat(251) + ".txt";
    let names: [&[u8]; 5] = [
        long.as_bytes(),
        b"two\nlines.txt",
        b"not \xFF utf-8.txt",
        "turned \u{202E}txt.exe".as_bytes(),
        b"\x1B[31mred.txt",
    ];
    for name in names {
        let path = home.path("").join(OsStr::from_bytes(name));
        for (bytes, ends) in [(&b""[..], "is empty (0 bytes)"), (&[0x81, 0, 2, 0x99].repeat(100), "is not a book")] {
            std::fs::write(&path, bytes).unwrap();
            let refused = home.command(&["summarise", "--builtin"]).arg(&path).output().unwrap();
            let said = err(&refused);
            assert_eq!(code(&refused), 2, "{said}");
            let sentence = said.lines().next().unwrap();
            assert!(sentence.starts_with("epitome-cli: “") && sentence.contains(ends), "{said:?}");
            assert!(!said.replace('\n', "").contains(char::is_control) && !said.contains('\u{202E}'), "{said:?}");
        }
        std::fs::write(&path, crate::support::book(3, 30)).unwrap();
        let read = home.command(&["chapters"]).arg(&path).output().unwrap();
        assert_eq!(code(&read), 0, "{}", err(&read));
        assert!(out(&read).contains("Chapter 3"), "{}", out(&read));
        std::fs::remove_file(&path).unwrap();
    }
}
