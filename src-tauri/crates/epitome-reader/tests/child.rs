//! A child that does its worst. This program is its own child: asked to be one, it misbehaves as the file's name says,
//! within the limits every child has; otherwise it starts such children and looks at how they end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by failing")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the test is its own harness")]

use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use epitome_book::pdf::Engine;
use epitome_book::{SAMPLE, SAMPLE_NAME};
use epitome_model::{ErrorCode, WireError};
use epitome_reader::{Answer, Reader, Request, Task, answer, limits, serve};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("--parse-worker") {
        return serve(worst);
    }
    // As cargo's other harnesses: words choose tests, switches are for others.
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for (name, test) in TESTS {
        if chosen.is_empty() || chosen.iter().any(|word| name.contains(word.as_str())) {
            let begun = Instant::now();
            test(&runtime);
            println!("test {name} ... ok ({:.1} s)", begun.elapsed().as_secs_f64());
        }
    }
    ExitCode::SUCCESS
}

type Test = fn(&tokio::runtime::Runtime);

const TESTS: &[(&str, Test)] = &[
    ("a_book_is_the_same_from_a_child", a_book_is_the_same_from_a_child),
    ("every_end_is_one_sentence", every_end_is_one_sentence),
    ("a_hang_ends_in_time", a_hang_ends_in_time),
    ("what_died_packed_is_read_by_the_second_engine", what_died_packed_is_read_by_the_second_engine),
    ("a_child_can_open_and_change_nothing", a_child_can_open_and_change_nothing),
    ("a_child_sees_no_secrets", a_child_sees_no_secrets),
    ("many_at_once_are_all_read", many_at_once_are_all_read),
    ("a_reading_that_is_dropped_ends_its_child", a_reading_that_is_dropped_ends_its_child),
    ("a_program_that_is_not_there_is_said", a_program_that_is_not_there_is_said),
];

/// What the child does instead of reading.
fn worst(request: &Request, bytes: &[u8]) -> Answer {
    let say = |what: &str| {
        let error = WireError::new(ErrorCode::NotABook, what, "");
        Answer::Refused { error, other_engine: false }
    };
    match request.file_name.as_str() {
        "abort" => std::process::abort(),
        "panic" => panic!("as told"),
        "exit" => std::process::exit(0),
        "overflow" => say(&deep(u64::MAX).to_string()),
        "hang" => loop {
            std::thread::sleep(Duration::from_millis(10));
        },
        "spin" => loop {
            std::hint::spin_loop();
        },
        "memory" => {
            let mut held: Vec<Vec<u8>> = Vec::new();
            loop {
                held.push(vec![1; 16 << 20]);
            }
        }
        "garbage" => {
            std::io::stdout().write_all(&vec![7; 100_000]).unwrap();
            std::process::exit(0)
        }
        "flood" => loop {
            std::io::stdout().write_all(&vec![7; 100_000]).unwrap();
        },
        "chatter" => {
            for _ in 0..10_000 {
                std::io::stderr().write_all(&[b'x'; 1000]).unwrap();
            }
            say("said much")
        }
        "touch" => say(&touch(std::str::from_utf8(bytes).unwrap())),
        "secrets" => say(&std::env::vars().map(|(name, _)| name).collect::<Vec<_>>().join(" ")),
        // An engine that dies of a PDF takes the child with it, also where the PDF is packed.
        "packed.pdf.gz" => match request.task {
            Task::PdfBook { engine: Engine::Second, .. } => {
                Answer::Book(Box::new(epitome_book::read(SAMPLE, SAMPLE_NAME).unwrap()))
            }
            _ => std::process::abort(),
        },
        _ => answer(request, bytes),
    }
}

fn deep(left: u64) -> u64 {
    let here = std::hint::black_box([left; 64]);
    if left == 0 { 0 } else { deep(left - 1) + here[0] }
}

/// Tries what a hostile file would try; names what worked.
fn touch(folder: &str) -> String {
    let at = |name: &str| format!("{folder}/{name}");
    let tries: [(&str, bool); 9] = [
        ("read", std::fs::read(at("there")).is_ok()),
        ("list", std::fs::read_dir(folder).is_ok()),
        ("write", std::fs::write(at("new"), "x").is_ok()),
        ("remove", cfg!(target_os = "linux") && std::fs::remove_file(at("there")).is_ok()),
        ("rename", cfg!(target_os = "linux") && std::fs::rename(at("there"), at("gone")).is_ok()),
        ("folder", cfg!(target_os = "linux") && std::fs::create_dir(at("folder")).is_ok()),
        ("connect", std::net::TcpStream::connect("127.0.0.1:9").is_err_and(|error| error.raw_os_error() == REFUSED)),
        ("datagram", std::net::UdpSocket::bind("127.0.0.1:0").is_ok()),
        ("program", std::process::Command::new("true").spawn().is_ok()),
    ];
    tries.iter().filter(|(_, worked)| *worked).map(|(what, _)| *what).collect::<Vec<_>>().join(" ")
}

/// What connecting to a closed port says to a process that may connect.
const REFUSED: Option<i32> = Some(if cfg!(target_os = "macos") { 61 } else { 111 });

fn reader() -> Reader {
    Reader::child(std::env::current_exe().unwrap())
}

fn end(runtime: &tokio::runtime::Runtime, reader: &Reader, name: &str, bytes: &[u8]) -> WireError {
    runtime.block_on(reader.read(bytes.to_vec(), name)).expect_err(name)
}

fn a_book_is_the_same_from_a_child(runtime: &tokio::runtime::Runtime) {
    let read = |reader: Reader| runtime.block_on(reader.read(SAMPLE.to_vec(), SAMPLE_NAME)).unwrap();
    let book = read(reader());
    assert_eq!(book, read(Reader::in_process()));
    assert!(book.cover.is_some() && book.chapters().count() == 12);
    let refused = end(runtime, &reader(), "empty.txt", b"");
    assert_eq!(refused.message, "“empty.txt” is empty (0 bytes).");
}

fn every_end_is_one_sentence(runtime: &tokio::runtime::Runtime) {
    for (name, code, said) in [
        ("abort", ErrorCode::BookBroken, "is damaged."),
        ("panic", ErrorCode::BookBroken, "is damaged."),
        ("exit", ErrorCode::BookBroken, "is damaged."),
        ("overflow", ErrorCode::BookBroken, "is damaged."),
        ("garbage", ErrorCode::BookBroken, "is damaged."),
        ("flood", ErrorCode::BookBroken, "is damaged."),
        ("memory", ErrorCode::BookTooLarge, "of memory."),
        ("chatter", ErrorCode::NotABook, "said much"),
    ] {
        // More than a pipe holds, so that a child that does not listen would hold up a parent that waits.
        let error = end(runtime, &reader(), name, &vec![b'x'; 300_000]);
        assert_eq!(error.code, code, "{name}: {error:?}");
        assert!(error.message.ends_with(said), "{name}: {error:?}");
        assert!(code == ErrorCode::NotABook || error.message.starts_with(&format!("“{name}” ")), "{error:?}");
    }
    #[cfg(unix)]
    {
        let children = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN).unwrap();
        let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
        let most = u64::try_from(children.max_rss()).unwrap() * unit;
        println!("     largest child {} MiB", most >> 20);
        assert!(most <= limits::MEMORY + (64 << 20), "{most} bytes");
    }
}

fn a_hang_ends_in_time(runtime: &tokio::runtime::Runtime) {
    for name in ["hang", "spin"] {
        let begun = Instant::now();
        let error = end(runtime, &reader().allowing(1), name, b"");
        assert_eq!(error.code, ErrorCode::BookTooLarge);
        assert!(error.message.contains("within 1 seconds"), "{error:?}");
        assert!(begun.elapsed() >= Duration::from_secs(1));
    }
}

fn what_died_packed_is_read_by_the_second_engine(runtime: &tokio::runtime::Runtime) {
    let read = |bytes: &[u8]| runtime.block_on(reader().read(bytes.to_vec(), "packed.pdf.gz"));
    assert_eq!(read(b"\x1F\x8B packed").unwrap().chapters().count(), 12);
    // What is packed in nothing has no second engine: the first word stands.
    let error = read(b"plain").unwrap_err();
    assert!(error.message.ends_with("is damaged."), "{error:?}");
}

/// A sandbox is only known to hold where it is tried.
fn a_child_can_open_and_change_nothing(runtime: &tokio::runtime::Runtime) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("there"), "x").unwrap();
    let tried = end(runtime, &reader(), "touch", folder.path().to_string_lossy().as_bytes());
    if cfg!(unix) {
        assert_eq!(tried.message, "", "these worked");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

fn a_child_sees_no_secrets(runtime: &tokio::runtime::Runtime) {
    // Cargo gives its tests many variables of its own.
    assert!(std::env::vars().any(|(name, _)| name.starts_with("CARGO")));
    let seen = end(runtime, &reader(), "secrets", b"").message;
    assert!(!seen.contains("CARGO") && !seen.contains("HOME"), "{seen}");
}

fn many_at_once_are_all_read(runtime: &tokio::runtime::Runtime) {
    let reader = reader();
    let readings: Vec<_> = (0..12)
        .map(|number| {
            let reader = reader.clone();
            // Every third one dies; that is nothing to the others.
            let name = if number % 3 == 0 { "abort" } else { SAMPLE_NAME };
            runtime.spawn(async move { reader.read(SAMPLE.to_vec(), name).await.is_ok() })
        })
        .collect();
    let read: Vec<bool> = readings.into_iter().map(|reading| runtime.block_on(reading).unwrap()).collect();
    assert_eq!(read.iter().filter(|read| **read).count(), 8, "{read:?}");
}

fn a_reading_that_is_dropped_ends_its_child(runtime: &tokio::runtime::Runtime) {
    let reader = reader();
    runtime.block_on(async {
        let hanging = reader.read(Vec::new(), "hang");
        assert!(tokio::time::timeout(Duration::from_millis(300), hanging).await.is_err());
    });
    // The turn is free again, so another one is read.
    let refused = end(runtime, &reader, "empty.txt", b"");
    assert_eq!(refused.code, ErrorCode::BookEmpty);
}

fn a_program_that_is_not_there_is_said(runtime: &tokio::runtime::Runtime) {
    let error = end(runtime, &Reader::child("/nowhere/epitome"), "a.txt", b"text");
    assert_eq!(error.code, ErrorCode::Internal);
    assert!(error.message.starts_with("“a.txt” could not be read: "), "{error:?}");
}
