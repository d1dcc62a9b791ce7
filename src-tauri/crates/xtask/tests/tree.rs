//! Rules of the tree itself: who may use whom, how long a file may be, what lies at the top.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by failing")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Who may use whom, directly, among our own crates.
const ARROWS: &[(&str, &[&str])] = &[
    ("epitome-model", &[]),
    ("epitome-book", &["epitome-model", "epitome-pdf"]),
    ("epitome-pdf", &[]),
    ("epitome-llm", &["epitome-model"]),
    ("epitome-store", &["epitome-model"]),
    ("epitome-engine", &["epitome-book", "epitome-llm", "epitome-model"]),
    ("epitome-pipeline", &["epitome-engine", "epitome-llm", "epitome-model", "epitome-store"]),
    ("epitome-export", &["epitome-model", "epitome-store"]),
    ("epitome-reader", &["epitome-book", "epitome-model"]),
    (
        "epitome-api",
        &[
            "epitome-book",
            "epitome-export",
            "epitome-llm",
            "epitome-model",
            "epitome-pipeline",
            "epitome-reader",
            "epitome-store",
        ],
    ),
    ("epitome-cli", &["epitome-api", "epitome-model"]),
    ("epitome", &["epitome-api", "epitome-model"]),
    ("epitome-testkit", &[]),
    ("epitome-powercut", &[]),
    ("epitome-lab", &["epitome-engine", "epitome-llm", "epitome-model", "epitome-testkit"]),
    ("epitome-fuzz", &["epitome-book", "epitome-model", "epitome-pdf", "epitome-reader", "epitome-testkit"]),
    ("xtask", &[]),
];

/// Lines a hand-written file may have.
const LONGEST_FILE: usize = 500;

const TOP: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "icons",
    "src-tauri",
    "tauri.conf.json",
    "tests",
    "ui",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap().to_path_buf()
}

fn metadata() -> Value {
    // Only what this platform builds is surely on the machine, and then no network is needed.
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", host])
        .current_dir(root())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Files of the repository, as git lists them; every file where there is no git.
fn files() -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    match listed {
        Ok(listed) if listed.status.success() && !listed.stdout.is_empty() => {
            let names = listed.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
            names.map(|name| root().join(String::from_utf8_lossy(name).as_ref())).filter(|path| path.exists()).collect()
        }
        _ => {
            let mut found = Vec::new();
            walk(&root(), &mut found);
            found
        }
    }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if !["target", "node_modules", "dist", ".git", "gen", "artifacts"]
                .contains(&name.to_string_lossy().as_ref())
            {
                walk(&path, found);
            }
        } else {
            found.push(path);
        }
    }
}

fn ends(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn our_crates_use_each_other_only_along_the_arrows() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    let members: BTreeSet<&str> = packages
        .iter()
        .filter(|package| package["source"].is_null())
        .map(|package| package["name"].as_str().unwrap())
        .collect();
    assert_eq!(members, ours, "every crate has its row");
    for package in packages.iter().filter(|package| package["source"].is_null()) {
        let name = package["name"].as_str().unwrap();
        let allowed = ARROWS.iter().find(|(row, _)| *row == name).unwrap().1;
        for used in package["dependencies"].as_array().unwrap() {
            let (used, kind) = (used["name"].as_str().unwrap(), used["kind"].as_str());
            let test_only =
                ["epitome-lab", "epitome-testkit", "epitome-powercut"].contains(&used) && kind == Some("dev");
            if ours.contains(used) && !test_only {
                assert!(allowed.contains(&used), "{name} uses {used}");
            }
            let window = used.starts_with("tauri") || used == "wry";
            assert!(!window || name == "epitome", "{name} uses {used}: only the shell may");
        }
    }
}

#[test]
fn the_headless_program_links_no_window_system() {
    let metadata = metadata();
    let mut uses: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let normal = node["deps"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|used| used["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null()));
        uses.insert(node["id"].as_str().unwrap(), normal.map(|used| used["pkg"].as_str().unwrap()).collect());
    }
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["id"].as_str().unwrap(), package["name"].as_str().unwrap()))
        .collect();
    let start = *names.iter().find(|(_, name)| **name == "epitome-cli").unwrap().0;
    let (mut open, mut seen) = (vec![start], BTreeSet::new());
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            open.extend(uses[id].iter().copied());
        }
    }
    let linked: BTreeSet<&str> = seen.into_iter().map(|id| names[id]).collect();
    assert!(linked.contains("tokio"));
    for window in ["tauri", "wry", "tao", "gtk", "webkit2gtk"] {
        assert!(!linked.contains(window), "epitome-cli links {window}");
    }
}

#[test]
fn nothing_we_link_has_a_licence_that_binds_others() {
    for package in metadata()["packages"].as_array().unwrap() {
        let Some(licence) = package["license"].as_str() else { continue };
        // Some write a slash for `OR`.
        let terms = spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX).unwrap();
        let free = terms.evaluate(|one| !one.license.to_string().contains("GPL"));
        assert!(free, "{} is under {licence}", package["name"]);
    }
}

#[test]
fn tauri_stays_on_its_stable_major() {
    for package in metadata()["packages"].as_array().unwrap() {
        let (name, version) = (package["name"].as_str().unwrap(), package["version"].as_str().unwrap());
        let tauri = name == "tauri" || name == "tauri-build" || name.starts_with("tauri-plugin-");
        assert!(!tauri || version.starts_with("2."), "{name} {version}");
    }
    let pages: Value = serde_json::from_str(&read(&root().join("ui/package.json"))).unwrap();
    for kind in ["dependencies", "devDependencies"] {
        for (name, version) in pages[kind].as_object().into_iter().flatten() {
            let version = version.as_str().unwrap().trim_start_matches(['^', '~']);
            assert!(!name.starts_with("@tauri-apps/") || version.starts_with('2'), "{name} {version}");
        }
    }
}

#[test]
fn no_file_outgrows_its_purpose() {
    let mut long = Vec::new();
    for path in files() {
        let text = read(&path);
        let generated = path.components().any(|part| part.as_os_str() == "wire");
        if ends(&path, &["rs", "ts", "svelte", "css", "py"]) && !generated && text.lines().count() > LONGEST_FILE {
            long.push((text.lines().count(), path));
        }
    }
    assert!(long.is_empty(), "over {LONGEST_FILE} lines: {long:?}");
}

#[test]
fn the_top_holds_only_what_belongs_there() {
    let top: BTreeSet<String> = files()
        .iter()
        .filter_map(|path| path.strip_prefix(root()).ok()?.components().next())
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    let strange: Vec<&String> = top.iter().filter(|name| !TOP.contains(&name.as_str())).collect();
    assert!(strange.is_empty(), "{strange:?}");
    let packages = files().iter().filter(|path| path.file_name().is_some_and(|name| name == "package.json")).count();
    assert_eq!(packages, 1, "the Tauri CLI takes the first package.json it finds");
}

#[test]
fn the_pages_keep_to_their_host_and_never_write_html() {
    let pages = root().join("ui").join("src");
    let mut seen = 0;
    for path in files().into_iter().filter(|path| path.starts_with(&pages) && ends(path, &["ts", "svelte"])) {
        let text = read(&path);
        seen += 1;
        let host = path.ends_with("host/tauri.ts");
        assert!(host || !text.contains("@tauri-apps"), "{} names Tauri's packages", path.display());
        assert!(!text.contains("{@html"), "{} writes HTML", path.display());
        assert!(!text.contains("innerHTML"), "{} writes HTML", path.display());
    }
    assert!(seen > 20, "{seen} files of the pages were found");
}

#[test]
fn no_test_is_switched_off_and_no_stub_is_left() {
    // Written in two halves, so that this file does not find itself.
    let marks = [
        ["#[ign", "ore"],
        ["todo", "!("],
        ["unimpl", "emented!("],
        ["unbounded_", "channel("],
        [".on", "ly("],
        [".sk", "ip("],
    ];
    for path in files().into_iter().filter(|path| ends(path, &["rs", "ts", "svelte"])) {
        let text = read(&path);
        for mark in &marks {
            let mark = mark.concat();
            let iterator = mark.starts_with(".sk") && ends(&path, &["rs"]);
            assert!(iterator || !text.contains(&mark), "{} has {mark}", path.display());
        }
    }
}
