//! How a document looks on the whole: the size of its text, the distance of its lines, its margins. For the PDF reader.

use std::collections::HashMap;

use epitome_pdf::{Line, Page};

/// Longest distance of two lines of a paragraph, in sizes of the type.
const WIDEST: f32 = 2.4;
/// Share of the lines that begin at an edge for it to be a margin, one in this many.
const MARGIN: usize = 16;

/// What most of the text looks like.
#[derive(Clone, Debug, Default)]
pub struct Looks {
    /// Size of most letters, in points.
    pub body: f32,
    /// Distance of lines that follow each other, by size in quarters of a point.
    pitches: HashMap<i32, f32>,
    /// Where many lines begin, on even and odd pages, from left to right.
    margins: [Vec<f32>; 2],
}

impl Looks {
    pub fn of(pages: &[Page]) -> Self {
        let mut sizes: HashMap<i32, usize> = HashMap::new();
        for line in pages.iter().flat_map(|page| &page.lines) {
            *sizes.entry(quarters(line.size)).or_default() += line.text.chars().count();
        }
        let body = most(&sizes).map_or(10.0, |size| size as f32 / 4.0);
        let mut gaps: HashMap<i32, HashMap<i32, usize>> = HashMap::new();
        for pair in pages.iter().flat_map(|page| page.lines.windows(2)) {
            let [above, below] = pair else { continue };
            let gap = above.base - below.base;
            let alike = quarters(above.size) == quarters(below.size);
            if alike && gap > 0.8 * below.size && gap < WIDEST * below.size {
                *gaps.entry(quarters(below.size)).or_default().entry(quarters(gap)).or_default() += 1;
            }
        }
        let pitch = |(size, gaps): (i32, HashMap<i32, usize>)| Some((size, most(&gaps)? as f32 / 4.0));
        let pitches = gaps.into_iter().filter_map(pitch).collect();
        let margins = [0, 1].map(|odd| {
            let of_side = pages.iter().skip(odd).step_by(2).flat_map(|page| &page.lines);
            margins(of_side.filter(|line| (line.size - body).abs() < 0.1 * body).map(|line| line.left).collect())
        });
        Self { body, pitches, margins }
    }

    /// Distance of two lines of a paragraph set in that size.
    pub fn pitch(&self, size: f32) -> f32 {
        self.pitches.get(&quarters(size)).copied().unwrap_or(1.25 * size)
    }

    /// The left margin that a line on that page belongs to; its own start if it belongs to none.
    pub fn margin(&self, page: usize, line: &Line) -> f32 {
        let near = |edge: &&f32| **edge <= line.left + 0.1 * line.size && line.left - **edge < 6.0 * line.size;
        self.margins[page % 2].iter().find(near).copied().unwrap_or(line.left)
    }
}

fn quarters(points: f32) -> i32 {
    // Sizes and distances on a page are far below what an `i32` holds; anything else is clamped by `as`.
    #[allow(clippy::cast_possible_truncation, reason = "rounding to a bucket is meant")]
    let quarters = (points * 4.0).round() as i32;
    quarters
}

fn most(counts: &HashMap<i32, usize>) -> Option<i32> {
    counts.iter().max_by_key(|(value, count)| (**count, std::cmp::Reverse(**value))).map(|(value, _)| *value)
}

fn margins(mut lefts: Vec<f32>) -> Vec<f32> {
    lefts.sort_by(f32::total_cmp);
    let least = (lefts.len() / MARGIN).max(3);
    lefts.chunk_by(|a, b| b - a < 1.0).filter(|edge| edge.len() >= least).map(|edge| edge[0]).collect()
}
