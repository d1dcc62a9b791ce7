//! Chapters of a PDF: by its headings' words, else by their size, else sections of a sensible size. For the PDF reader.

use std::ops::Range;

use epitome_model::{ChapterMethod, LeftOutReason};

use super::flow::{Block, Flow};
use super::looks::Looks;
use crate::book::Section;
use crate::outline::{self, Mark, Quality, Role};
use crate::{heading, matter, sized};

/// Longest heading in Unicode scalar values, and in lines.
const LONGEST: usize = 150;
const LINES: usize = 4;
/// How much larger than the text a heading is set.
const LARGER: f32 = 1.12;
/// Sizes of headings that are tried.
const SIZES: usize = 4;

/// How the chapters were found, and the sections; `body` is the text without a frame around it.
pub fn chapters(flow: &Flow, body: Range<usize>, looks: &Looks, title: &str) -> (ChapterMethod, Vec<Section>) {
    let text = &flow.text;
    let mut around = Vec::new();
    if body.start > 0 {
        around.push(aside(0, "Header", LeftOutReason::Imprint));
    }
    if body.end < text.len() {
        around.push(aside(body.end, "Licence", LeftOutReason::Licence));
    }
    let worded = heading::marks(text, body.clone());
    let named = worded.iter().filter(|mark| mark.role == Role::Chapter);
    let chapters = named.filter(|mark| heading::line(&mark.title).is_some_and(|line| line.is_chapter())).count();
    let sized = by_size(flow, &body, looks);
    let ways = if chapters >= 2 {
        vec![worded].into_iter().chain(sized)
    } else {
        sized.into_iter().chain([worded]).collect::<Vec<_>>().into_iter().chain(Vec::new())
    };
    for marks in ways.filter(|marks| !marks.is_empty()) {
        let sections = outline::sections(text, [around.clone(), marks].concat());
        let quality = Quality::of(&sections);
        if quality.usable() && quality.chapters > 1 {
            return (ChapterMethod::Headings, sections);
        }
    }
    let (method, marks) = sized::marks(text, body, title);
    (method, outline::sections(text, [around, marks].concat()))
}

fn aside(at: usize, title: &str, reason: LeftOutReason) -> Mark {
    Mark { at, title: title.to_owned(), part: None, role: Role::Boilerplate(reason) }
}

/// Marks by the size of headings, one try for each size, the largest first.
fn by_size(flow: &Flow, body: &Range<usize>, looks: &Looks) -> Vec<Vec<Mark>> {
    let headings: Vec<&Block> =
        flow.blocks.iter().filter(|block| body.contains(&block.range.start) && is_heading(block, looks)).collect();
    let mut sizes: Vec<f32> = headings.iter().map(|block| block.size).collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    sizes.dedup_by(|a, b| (*a - *b).abs() < 0.5);
    let marks = |size: &f32| {
        let of_level = |block: &&&Block| block.size > size - 0.5;
        let mut marks: Vec<Mark> = Vec::new();
        let mut part: Option<String> = None;
        for block in headings.iter().filter(of_level) {
            let upper = block.size > size + 0.5;
            let role = match matter::by_title(&block.text) {
                Some(reason) => Role::LeftOut(reason),
                None if upper => Role::Parent,
                None => Role::Chapter,
            };
            if upper {
                part = None;
            }
            marks.push(Mark { at: block.range.start, title: block.text.clone(), part: part.clone(), role });
            if upper {
                part = Some(block.text.clone());
            }
        }
        let chapters = marks.iter().filter(|mark| mark.role == Role::Chapter).count();
        if chapters < 2 { Vec::new() } else { marks }
    };
    sizes.iter().take(SIZES).map(marks).collect()
}

fn is_heading(block: &Block, looks: &Looks) -> bool {
    let larger = block.size >= LARGER * looks.body || block.bold && block.size >= 1.05 * looks.body;
    let letters = block.text.chars().any(char::is_alphabetic);
    larger
        && letters
        && block.lines <= LINES
        && block.text.chars().count() <= LONGEST
        && !block.text.ends_with([',', ';'])
}
