//! Which sentences make the summary.

use super::flow::{add, one_line};
use super::rank::{Vector, centrality, likeness, vectors};
use super::sentences::{is_ended, paragraphs, split, terms, words};

/// Weight of centrality against sameness with what is chosen already (MMR's lambda).
const CENTRAL: f32 = 0.72;

/// Sentences of fewer or more words than these tell too little, or too much at once.
const SHORT: u32 = 6;
const LONG: u32 = 60;

/// Candidates at most; beyond, a long text is thinned evenly, which keeps the work bounded.
const CANDIDATES: usize = 1_200;

/// Of a chapter's paragraphs one is kept whole in the summary's layout for about so many words.
const WORDS_A_PARAGRAPH: u32 = 90;

/// The most central sentences, in the order of the text, of about `target` words. `heading` is not one of them.
pub fn central(text: &str, heading: Option<&str>, target: u32) -> String {
    let mut sentences: Vec<&str> = split(text).into_iter().filter(|sentence| tells(sentence, heading)).collect();
    if sentences.is_empty() {
        // Nothing but headings or marks: they are all there is.
        return lay_out(split(text).into_iter());
    }
    if sentences.len() > CANDIDATES {
        let step = sentences.len().div_ceil(CANDIDATES);
        sentences = sentences.into_iter().step_by(step).collect();
    }
    let chosen = mmr(&sentences, target);
    lay_out(chosen.into_iter().map(|place| sentences[place]))
}

/// A few sentences from each stretch of the text, so that every part of a book is there. The text is a row of
/// chapters, each a title line with its summary.
pub fn across(text: &str, target: u32) -> String {
    let blocks: Vec<&str> =
        paragraphs(text).map(|block| block.split_once('\n').map_or(block, |(_, rest)| rest)).collect();
    let blocks: Vec<&str> = blocks.into_iter().filter(|block| !split(block).is_empty()).collect();
    let stretches = blocks.len().min((target / 22).max(3) as usize).max(1);
    let mut chosen = Vec::new();
    for stretch in 0..stretches {
        let (from, to) = (blocks.len() * stretch / stretches, blocks.len() * (stretch + 1) / stretches);
        let joined = blocks[from..to].join(" ");
        let share = target / u32::try_from(stretches).unwrap_or(1).max(1);
        let part = one_line(&central(&joined, None, share.max(8)));
        if !chosen.contains(&part) {
            chosen.push(part);
        }
    }
    let mut laid = String::new();
    let mut counted = 0;
    for sentences in chosen.iter().filter(|sentences| !sentences.is_empty()) {
        if counted >= WORDS_A_PARAGRAPH {
            laid.push_str("\n\n");
            counted = 0;
        }
        add(&mut laid, sentences);
        counted += words(sentences);
    }
    laid
}

/// Greedy maximal marginal relevance until the length is reached.
fn mmr(sentences: &[&str], target: u32) -> Vec<usize> {
    let terms: Vec<_> = sentences.iter().map(|sentence| terms(sentence)).collect();
    let vectors: Vec<Vector> = vectors(&terms);
    let mut scores = centrality(&vectors);
    for (place, (score, sentence)) in scores.iter_mut().zip(sentences).enumerate() {
        *score *= fitness(sentence) * position(place, sentences.len());
    }
    let top = scores.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let mut sameness = vec![0.0f32; sentences.len()];
    let mut open: Vec<usize> = (0..sentences.len()).collect();
    let mut chosen = Vec::new();
    let mut length = 0;
    while length < target && !open.is_empty() {
        let worth = |place: usize| CENTRAL * scores[place] / top - (1.0 - CENTRAL) * sameness[place];
        let best = (0..open.len()).max_by(|one, other| {
            let (one, other) = (open[*one], open[*other]);
            worth(one).total_cmp(&worth(other)).then(other.cmp(&one))
        });
        let Some(best) = best else { break };
        let place = open.swap_remove(best);
        let more = words(sentences[place]);
        // The last sentence may overrun a little; one that would overrun by far gives way to a shorter one.
        if !chosen.is_empty() && length + more > target + target / 4 {
            continue;
        }
        length += more;
        chosen.push(place);
        for other in &open {
            sameness[*other] = sameness[*other].max(likeness(&vectors[place], &vectors[*other]));
        }
    }
    chosen.sort_unstable();
    chosen
}

/// Whether a line is a sentence that says something, and not the heading.
fn tells(sentence: &str, heading: Option<&str>) -> bool {
    let letters = sentence.chars().filter(|letter| letter.is_alphabetic()).count();
    let shouted = sentence.chars().filter(|letter| letter.is_lowercase()).count() == 0
        && sentence.chars().any(char::is_uppercase);
    let squeezed = |text: &str| {
        text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    let is_heading =
        heading.is_some_and(|heading| squeezed(heading) == squeezed(sentence)) || sentence.starts_with('#');
    letters >= 4 && !shouted && !is_heading
}

/// Less for scraps, monsters, and speech torn from its speaker.
fn fitness(sentence: &str) -> f32 {
    let length = words(sentence);
    let size = match length {
        0..SHORT => 0.35,
        SHORT..=LONG => 1.0,
        _ => 0.5,
    };
    let spoken = sentence.starts_with(['"', '\u{201c}', '\u{2018}', '«', '„', '「', '—', '\'']);
    let asked = sentence.ends_with(['?', '？']);
    let hanging = !is_ended(sentence);
    let aside = sentence.starts_with(['(', '（', '[']);
    size * if aside { 0.6 } else { 1.0 }
        * if spoken { 0.55 } else { 1.0 }
        * if asked { 0.8 } else { 1.0 }
        * if hanging { 0.6 } else { 1.0 }
}

/// A little more for beginning and end, where stories say what they are about.
fn position(place: usize, count: usize) -> f32 {
    let at = (place as f32 + 0.5) / count as f32;
    1.0 + 0.25 * (2.0 * at - 1.0).powi(2) + if place == 0 { 0.1 } else { 0.0 }
}

/// Sentences as paragraphs of a readable size.
fn lay_out<'a>(sentences: impl Iterator<Item = &'a str>) -> String {
    let mut laid = String::new();
    let mut counted = 0;
    for sentence in sentences {
        let line = one_line(sentence);
        if counted >= WORDS_A_PARAGRAPH {
            laid.push_str("\n\n");
            counted = 0;
        }
        counted += words(&line);
        add(&mut laid, &line);
    }
    laid
}
