//! The words of servers: how they are quoted, and what all of them say alike.

/// Longest quotation of a server's words in a sentence for people.
const QUOTED: usize = 200;

const MEMORY: [&str; 6] = [
    "out of memory",
    "out-of-memory",
    "cudamalloc failed",
    "failed to allocate",
    "requires more system memory",
    "unable to load full model on gpu",
];

/// Whether words in lower case are about memory that does not suffice.
pub fn tells_of_memory(lower: &str) -> bool {
    MEMORY.iter().any(|needle| lower.contains(needle))
}

/// Words as part of a sentence: in one line, cut to a bearable length, without an end mark.
pub fn quote(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(QUOTED).collect();
    let short = short.trim_end_matches(['.', ' ', ':']);
    if short.is_empty() { "it gave no reason".to_owned() } else { short.to_owned() }
}
