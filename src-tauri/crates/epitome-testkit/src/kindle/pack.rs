//! Packs text into records.

/// How a text is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Plain,
    PalmDoc,
    Huffman,
}

/// What is appended to each text record: the rest of a character that it ends within, and an entry of three bytes.
pub const TRAILING: usize = 0b11;

/// Text records of 4,096 bytes, with what is appended to them.
pub fn texts(raw: &[u8], packing: Packing) -> Vec<Vec<u8>> {
    let record = |(number, text): (usize, &[u8])| {
        let mut out = match packing {
            Packing::Plain => text.to_vec(),
            Packing::PalmDoc => palmdoc(text),
            Packing::Huffman => huffman(text),
        };
        let rest = &raw[(number * 4096 + text.len()).min(raw.len())..];
        let cut: Vec<u8> = rest.iter().copied().take_while(|byte| (0x80..0xC0).contains(byte)).take(3).collect();
        out.extend(&cut);
        out.push(u8::try_from(cut.len()).unwrap());
        out.extend([0x07, 0x80, 0x83]);
        out
    };
    raw.chunks(4096).enumerate().map(record).collect()
}

/// Greedy, with every kind of code that there is.
fn palmdoc(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let window = at.saturating_sub(2047);
        let found = (3..=10).rev().filter(|length| at + length <= text.len()).find_map(|length| {
            // A match may run on into what it makes, up to the byte before its end.
            let from =
                text[window..at + length - 1].windows(length).rposition(|found| found == &text[at..at + length])?;
            Some((at - window - from, length))
        });
        if let Some((distance, length)) = found {
            let pair = 0x8000 | u16::try_from(distance << 3 | (length - 3)).unwrap();
            out.extend(pair.to_be_bytes());
            at += length;
        } else if text[at] == b' ' && text.get(at + 1).is_some_and(|next| (0x40..0x80).contains(next)) {
            out.push(text[at + 1] | 0x80);
            at += 2;
        } else if text[at] == 0 || (9..0x80).contains(&text[at]) {
            out.push(text[at]);
            at += 1;
        } else {
            let run = text[at..].iter().take(8).take_while(|byte| !(9..0x80).contains(*byte)).count();
            out.push(u8::try_from(run).unwrap());
            out.extend(&text[at..at + run]);
            at += run;
        }
    }
    out
}

/// Phrases with codes of four bits, each packed and some within others; behind them come the single bytes, with codes
/// of nine bits.
const PHRASES: [&str; 6] = [
    "the ",
    " was seen again by the ",
    "<p>The ",
    "village. </p>",
    "’s guests, ",
    "’s guests, who had stayed behind in the village. </p>",
];

/// Number and length of the code of a phrase: the highest codes come first, the short ones before the long ones.
fn code(phrase: usize) -> (usize, usize) {
    if phrase < 6 { (15 - phrase, 4) } else { (325 - phrase, 9) }
}

/// The text packed; phrases only within those before `most`, so that none holds itself.
fn packed(text: &[u8], most: usize) -> Vec<u8> {
    let mut bits = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let found = (0..most).filter(|number| text[at..].starts_with(PHRASES[*number].as_bytes()));
        let found = found.max_by_key(|number| PHRASES[*number].len());
        let (code, length) = code(found.unwrap_or(6 + usize::from(text[at])));
        bits.extend((0..length).rev().map(|bit| code >> bit & 1 == 1));
        at += found.map_or(1, |number| PHRASES[number].len());
    }
    bits.chunks(8).map(|byte| byte.iter().enumerate().map(|(at, bit)| u8::from(*bit) << (7 - at)).sum()).collect()
}

fn huffman(text: &[u8]) -> Vec<u8> {
    packed(text, PHRASES.len())
}

/// The tables that go with [`Packing::Huffman`].
pub fn tables() -> Vec<Vec<u8>> {
    let number = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    let mut codes = b"HUFF".to_vec();
    for value in [24, 24, 24 + 256 * 4, 0, 0] {
        codes.extend(number(value));
    }
    for first in 0..256 {
        // Four bits where the first byte says so; at least five elsewhere.
        codes.extend(number(if first >= 0xA0 { 15 << 8 | 0x80 | 4 } else { 5 }));
    }
    for length in 1..=32 {
        let (lowest, highest) = match length {
            4 => (10, 15),
            9 => (0, 325),
            length => ((1_usize << length) - 1, 0),
        };
        codes.extend([number(lowest), number(highest)].concat());
    }
    let nested = PHRASES.iter().enumerate().map(|(number, phrase)| (packed(phrase.as_bytes(), number), 0_u16));
    let phrases: Vec<_> = nested.chain((0..=255).map(|byte| (vec![byte], 0x8000))).collect();
    let mut records = vec![codes];
    records.extend(phrases.chunks(256).map(|part| phrase_record(part, phrases.len())));
    records
}

/// A record of phrases, each with the flag for text that is not packed.
pub fn phrase_record(phrases: &[(Vec<u8>, u16)], all: usize) -> Vec<u8> {
    let mut out = b"CDIC\0\0\0\x10".to_vec();
    out.extend(u32::try_from(all).unwrap().to_be_bytes());
    out.extend(8_u32.to_be_bytes());
    let (mut offsets, mut texts) = (Vec::new(), Vec::new());
    for (text, flag) in phrases {
        offsets.extend(u16::try_from(phrases.len() * 2 + texts.len()).unwrap().to_be_bytes());
        texts.extend((u16::try_from(text.len()).unwrap() | flag).to_be_bytes());
        texts.extend(text);
    }
    [out, offsets, texts].concat()
}
