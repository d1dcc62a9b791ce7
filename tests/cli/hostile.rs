//! Files made to do harm, read by the program as a person would have it read them: each ends soon with a sentence, the
//! program goes on, and nothing of it stays.

use std::process::Stdio;
use std::time::{Duration, Instant};

use epitome_testkit::hostile;

use crate::support::{Home, code, err, lines, text};

/// Longest a file of these may take on a busy machine: the reader's own limit, and something for the rest.
const LONGEST: Duration = Duration::from_secs(200);

/// Most memory of the whole program, its child included, in kB: 1.5 GB for the child, and the file itself.
const MEMORY: u64 = 1_800_000;

/// The largest that a process of this program group has been, in kB.
fn largest(child: u32) -> u64 {
    let of = |pid: &str| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
    };
    let children = std::fs::read_to_string(format!("/proc/{child}/task/{child}/children")).unwrap_or_default();
    children.split_whitespace().map(of).fold(of(&child.to_string()), u64::max)
}

#[test]
fn files_made_to_do_harm_end_in_a_sentence() {
    let home = Home::new();
    let before = home.files().len();
    let mut seen = 0;
    for hostile::Hostile { name, bytes } in hostile::all() {
        let file = home.file(name, bytes);
        let begun = Instant::now();
        let mut child = home
            .command(&["summarise", &text(&file), "--builtin"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut peak = 0;
        while child.try_wait().unwrap().is_none() {
            peak = peak.max(largest(child.id()));
            assert!(begun.elapsed() < LONGEST, "{name} takes too long");
            std::thread::sleep(Duration::from_millis(20));
        }
        let refused = child.wait_with_output().unwrap();
        let said = err(&refused);
        println!("{name}: {:.1} s, {} MB, {}", begun.elapsed().as_secs_f64(), peak / 1024, said.trim());
        assert_eq!(code(&refused), 2, "{name}: {said}");
        assert!(said.contains(name) && said.trim().ends_with('.'), "{name}: {said}");
        assert!(!said.contains("panicked") && said.lines().count() <= 3, "{name}: {said}");
        assert!(peak <= MEMORY, "{name}: {peak} kB");
        std::fs::remove_file(&file).unwrap();
        seen += 1;
    }
    assert!(seen >= 20 && before == 0);
    assert!(lines(&home.run(&["status", "--json"])).is_empty(), "nothing of them came into the library");
    assert!(!std::path::Path::new("/tmp/epitome-was-here").exists());
}
