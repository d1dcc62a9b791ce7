//! A plain tokenizer: about four characters of Latin text a token, two to three of other alphabets, one of CJK. It is
//! used for everything that counts tokens, so that counts, limits and truncation agree with each other.

/// Letters of one piece at most.
const LATIN_LETTERS: usize = 6;
const OTHER_LETTERS: usize = 3;
const DIGITS: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Latin,
    Dense,
    Other,
    Digit,
    Space,
    Mark,
}

fn class(letter: char) -> Class {
    match u32::from(letter) {
        0x0E00..=0x0E7F | 0x1100..=0x11FF | 0x2E80..=0xA4CF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x20000.. => {
            Class::Dense
        }
        _ if letter.is_whitespace() => Class::Space,
        _ if letter.is_numeric() => Class::Digit,
        0..=0x24F if letter.is_alphabetic() => Class::Latin,
        _ if letter.is_alphabetic() => Class::Other,
        _ => Class::Mark,
    }
}

/// The text in pieces, one a token; joined they are the text.
pub fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::with_capacity(text.len() / 4 + 1);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = piece_length(rest, first);
        let (piece, after) = rest.split_at(length);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// Bytes of the first piece of a text that begins with `first`.
fn piece_length(text: &str, first: char) -> usize {
    // As in byte-pair vocabularies, one space belongs to the word after it.
    let lead = usize::from(first == ' ');
    let word = &text[lead..];
    let start = word.chars().next().map_or(Class::Space, class);
    let most = match start {
        Class::Latin => LATIN_LETTERS,
        Class::Other => OTHER_LETTERS,
        Class::Digit => DIGITS,
        Class::Dense | Class::Mark => 1,
        Class::Space => return text.find(|letter: char| !letter.is_whitespace()).unwrap_or(text.len()),
    };
    let run = word.chars().take(most).take_while(|letter| class(*letter) == start);
    lead + run.map(char::len_utf8).sum::<usize>()
}

/// Tokens of a text as the simulated server counts them (without the one that begins a prompt).
pub fn token_count(text: &str) -> usize {
    pieces(text).len()
}

/// A number for a piece, the same for the same piece (FNV-1a).
pub fn piece_id(piece: &str) -> u32 {
    piece.bytes().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_text() {
        for text in
            ["", " ", "a", "It was the best of times,\n\n  it was… 1859!", "话说天下大势，分久必合", "Все счастливые"]
        {
            assert_eq!(pieces(text).concat(), text);
            assert!(pieces(text).iter().all(|piece| !piece.is_empty()));
        }
    }

    #[test]
    fn counts_are_plausible_for_each_script() {
        let latin = "It was the best of times, it was the worst of times, it was the age of wisdom.";
        let a_token = latin.chars().count() as f64 / token_count(latin) as f64;
        assert!((3.2..4.8).contains(&a_token), "{a_token}");
        assert_eq!(token_count("话说天下大势"), 6);
        assert_eq!(token_count("счастливые"), 4);
    }
}
