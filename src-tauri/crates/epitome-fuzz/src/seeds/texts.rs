//! Texts with headings of many kinds, in many encodings.

use super::prose;

const FIXTURES: [&[u8]; 3] = [
    include_bytes!("../../../../../tests/fixtures/chapters.txt"),
    include_bytes!("../../../../../tests/fixtures/chapters-zh-gb18030.txt"),
    include_bytes!("../../../../../tests/fixtures/binary.txt"),
];

/// Headings as one book after another has them.
const STYLES: [[&str; 4]; 8] = [
    ["PROLOGUE", "Chapter 1", "Chapter 2: The Lamp", "Epilogue"],
    ["BOOK ONE", "I", "II", "III."],
    ["Erstes Kapitel", "Zweites Kapitel", "Drittes Kapitel", "Nachwort"],
    ["Глава первая", "Глава 2", "ГЛАВА III", "Эпилог"],
    ["第一章 灯", "第二章 桥", "第三章", "尾声"],
    ["CHAPITRE PREMIER", "Chapitre II", "Chapitre 3.", "Épilogue"],
    ["الفصل الأول", "الفصل الثاني", "الفصل 3", "خاتمة"],
    ["1. One", "1.1 Inner", "2. Two", "Appendix A"],
];

fn book(style: &[&str; 4]) -> String {
    let chapter = |(number, heading): (usize, &&str)| {
        format!("{heading}\n\n{}\n\n{}\n\n\n", prose(number, 40), prose(number + 9, 30))
    };
    let contents: String = style.iter().map(|heading| format!("{heading}\n")).collect();
    let chapters: String = style.iter().enumerate().map(chapter).collect();
    format!("The Long Road\n\nby Ann Walker\n\nContents\n\n{contents}\n\n{chapters}")
}

pub fn text() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = STYLES.iter().map(|style| book(style).into_bytes()).collect();
    let gutenberg = format!(
        "Title: Emma\nAuthor: Jane\nLanguage: English\n\n*** START OF THE PROJECT GUTENBERG EBOOK EMMA ***\n\n{}\n*** END OF THE PROJECT GUTENBERG EBOOK EMMA ***\n\nSection 1. Licence.\n",
        book(&STYLES[0])
    );
    seeds.push(gutenberg.into_bytes());
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    seeds.push(wide(&book(&STYLES[3])));
    seeds.push([&b"\xFF\xFE"[..], &wide(&book(&STYLES[0]))].concat());
    // Latin letters of one byte, Cyrillic ones of KOI8-R, Japanese in seven bits.
    seeds.push(book(&STYLES[5]).chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect());
    seeds.push(b"\xE7\xCC\xC1\xD7\xC1 1\n\n\xEF\xCE \xDB\xA3\xCC \xD0\xCF \xC4\xCF\xD2\xCF\xC7\xC5. ".repeat(12));
    seeds.push(b"\x1B$BBh0l>O\x1B(B\n\nHe went home along the road.\n\n".repeat(8));
    seeds.extend(FIXTURES.iter().map(|seed| seed[..seed.len().min(6000)].to_vec()));
    seeds
}

pub fn markdown() -> Vec<Vec<u8>> {
    let front = "---\ntitle: The Long Road\nauthor: [Ann, Ben]\nlang: en\n---\n\n";
    let body: String = (1..4)
        .map(|part| format!("# Chapter {part}\n\n{}\n\n## Below\n\n{}\n\n", prose(part, 30), prose(part + 5, 30)))
        .collect();
    let code = format!(
        "```\n# no heading\n```\n\nSetext\n======\n\n{}\n\nOther\n---\n\n{}\n\n> # quoted\n\n* * *\n",
        prose(1, 30),
        prose(2, 30)
    );
    let fixture = include_bytes!("../../../../../tests/fixtures/chapters.md");
    vec![format!("{front}{body}").into_bytes(), body.into_bytes(), code.into_bytes(), fixture.to_vec()]
}
