//! Sentences put together again, with the spaces that their script wants.

/// A sentence in one line.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let (mut spaced, mut wrapped) = (false, false);
    for letter in text.trim().chars() {
        if letter.is_whitespace() {
            spaced = true;
            wrapped |= letter == '\n';
            continue;
        }
        // A line end inside Chinese or Japanese stands for nothing.
        if spaced && !(wrapped && line.ends_with(is_wide) && is_wide(letter)) {
            line.push(' ');
        }
        (spaced, wrapped) = (false, false);
        line.push(letter);
    }
    line
}

/// Adds a sentence to a paragraph.
pub fn add(paragraph: &mut String, sentence: &str) {
    // Quotation marks and dashes belong to all scripts; what stands on the other side decides.
    let marks = ['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '…', '—'];
    let (before, after) = (paragraph.ends_with(is_wide), sentence.starts_with(is_wide));
    let tight = (before && (after || sentence.starts_with(marks))) || (after && paragraph.ends_with(marks));
    if !paragraph.is_empty() && !tight && !paragraph.ends_with('\n') {
        paragraph.push(' ');
    }
    paragraph.push_str(sentence);
}

/// Letters and marks of Chinese and Japanese, which stand without spaces.
fn is_wide(letter: char) -> bool {
    matches!(u32::from(letter), 0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFE30..=0xFE4F | 0xFF00..=0xFF60 | 0x20000..=0x323AF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_flow_as_their_script_wants() {
        assert_eq!(one_line("It was\n a  dark night. "), "It was a dark night.");
        assert_eq!(one_line("话说天下\n大势，分久\n必合。"), "话说天下大势，分久必合。");
        assert_eq!(one_line("第一章 风雪\nAnna"), "第一章 风雪 Anna");
        let mut paragraph = String::new();
        for sentence in ["山路を登った。", "“智に。”", "働いた。", "So it is.", "It is."] {
            add(&mut paragraph, sentence);
        }
        assert_eq!(paragraph, "山路を登った。“智に。”働いた。 So it is. It is.");
    }
}
