//! The name of a call by everything that makes its answer: two calls with the same key are the same call, and the
//! second is never paid for.

use epitome_llm::Task;

/// 64 hexadecimal digits over provider, options and text. `generation` sets apart the calls of a job that was asked
/// to do everything anew. The sampling of a retry is left out: it is another try at the same call.
pub fn of(identity: &str, generation: i64, task: &Task) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut field = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    field(identity.as_bytes());
    field(&generation.to_le_bytes());
    field(task.kind.name().as_bytes());
    field(task.book_title.as_bytes());
    field(task.chapter_title.as_deref().unwrap_or_default().as_bytes());
    field(task.language.as_deref().unwrap_or_default().as_bytes());
    field(task.carried.as_deref().unwrap_or_default().as_bytes());
    for number in [task.piece, task.pieces, task.target_words, u32::from(task.wants_title)] {
        field(&number.to_le_bytes());
    }
    field(task.text.as_bytes());
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::task;

    #[test]
    fn a_key_follows_everything_that_makes_the_answer() {
        let plain = of("model", 0, &task("text"));
        assert_eq!(plain, of("model", 0, &task("text")));
        assert_eq!(plain, of("model", 0, &Task { sampling: 2, ..task("text") }), "a retry is the same call");
        assert_ne!(plain, of("other model", 0, &task("text")));
        assert_ne!(plain, of("model", 1, &task("text")));
        assert_ne!(plain, of("model", 0, &task("other text")));
        assert_ne!(plain, of("model", 0, &Task { target_words: 9, ..task("text") }));
        assert_ne!(plain, of("model", 0, &Task { carried: Some("before".into()), ..task("text") }));
    }
}
