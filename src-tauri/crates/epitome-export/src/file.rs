//! Names and writing of export files.

use std::io::Write;
use std::path::Path;

use crate::ExportError;

/// Longest file name before its ending, in bytes of UTF-8. Linux takes 255 in all; the ending, and `.part` while it is
/// being written, must fit as well.
const LONGEST_NAME: usize = 180;

/// Names Windows keeps for devices.
const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// A file name made from a title that Linux, macOS and Windows all take.
pub fn file_name(title: &str, ending: &str) -> String {
    let fits = |letter: char| if letter.is_control() || "<>:\"/\\|?*".contains(letter) { ' ' } else { letter };
    let words: String = title.chars().map(fits).collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut end = words.len().min(LONGEST_NAME);
    while !words.is_char_boundary(end) {
        end -= 1;
    }
    let mut name = words[..end].trim_matches([' ', '.']).to_owned();
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    if name.is_empty() || RESERVED.contains(&stem.trim()) {
        name.insert_str(0, if name.is_empty() { "book" } else { "book " });
    }
    format!("{name}.{ending}")
}

/// Writes a file whole or not at all: beside its place first, then renamed.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    let failed = |reason| ExportError::NotWritten { path: path.display().to_string(), reason };
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".part");
    let written = std::fs::File::create(&fresh)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&fresh, path));
    written.map_err(|reason| {
        let _ = std::fs::remove_file(&fresh);
        failed(reason)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_takes_the_name() {
        for (title, name) in [
            ("War and Peace", "War and Peace.md"),
            ("What? A/B: \"C\" <D>", "What A B C D.md"),
            ("CON", "book CON.md"),
            ("aux.txt", "book aux.txt.md"),
            ("...", "book.md"),
            ("", "book.md"),
            ("草枕", "草枕.md"),
            ("line\nbreak\u{0}", "line break.md"),
        ] {
            assert_eq!(file_name(title, "md"), name);
        }
        for letter in ["a", "語", "𠮷"] {
            assert!(file_name(&letter.repeat(300), "json").len() <= LONGEST_NAME + 5);
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_nothing_behind() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("no such folder").join("a.md");
        let error = write(&target, b"text").unwrap_err();
        assert!(error.to_string().ends_with("a.md could not be written: its folder is not there."), "{error}");
        let target = home.path().join("a.md");
        write(&target, b"one").unwrap();
        write(&target, b"two").unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    }
}
