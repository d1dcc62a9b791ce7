//! The second engine, `hayro`: its interpreter draws each page onto a device of ours, which only notes the letters and
//! their places. For [`crate::text`].

use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, interpret_page,
};
use unpdf::parser::bidi;

use crate::columns::{self, Piece};
use crate::open;
use crate::page::Meter;
use crate::{Line, Page, PdfError, Text};

/// Letters of one page above which a file is refused.
const LETTERS: usize = 500_000;
/// Width of a letter whose width the font does not tell, in thousandths of the size.
const WIDTH: f64 = 500.0;
/// Gap between two letters that is a space, in sizes of the type.
const SPACE: f32 = 0.18;
/// A letter set smaller than this share of its neighbours and off their line is raised or lowered.
const RAISED: f32 = 0.85;

pub fn text(bytes: &[u8]) -> Result<Text, PdfError> {
    let pdf = open::pdf(bytes)?;
    let (found, declared) = (pdf.pages().len(), open::declared_pages(&pdf));
    if declared > found {
        return Err(PdfError::Incomplete { found, declared });
    }
    let cache = InterpreterCache::new();
    let mut meter = Meter::default();
    let mut pages = Vec::new();
    for page in pdf.pages().iter() {
        let mut notes = Notes::default();
        let mut context = Context::new(
            Affine::IDENTITY,
            Rect::new(0.0, 0.0, 1.0, 1.0),
            &cache,
            pdf.xref(),
            InterpreterSettings::default(),
        );
        interpret_page(page, &mut context, &mut notes);
        if notes.letters.len() >= LETTERS {
            return Err(PdfError::TooLarge(format!("its page {} has more than {LETTERS} letters", pages.len() + 1)));
        }
        let shown = page.intersected_crop_box();
        let (width, height) = page.base_dimensions();
        let corner = open::points(shown.x0, shown.y0);
        let page = Page { width, height, lines: lines(&notes.letters, corner) };
        meter.add(&page)?;
        pages.push(page);
    }
    Ok(Text { pages, properties: open::properties(&pdf) })
}

/// A letter or a few that are one glyph.
#[derive(Clone, Debug)]
struct Letter {
    text: String,
    place: Piece,
    bold: bool,
}

#[derive(Default)]
struct Notes {
    letters: Vec<Letter>,
}

impl<'a> Device<'a> for Notes {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        let bold = run.glyphs().first().is_some_and(|glyph| is_bold(glyph));
        for glyph in run.glyphs() {
            if self.letters.len() >= LETTERS {
                return;
            }
            let text = match glyph.as_unicode() {
                Some(BfString::Char(c)) => c.to_string(),
                Some(BfString::String(text)) => text,
                None => char::REPLACEMENT_CHARACTER.to_string(),
            };
            let width = match &**glyph {
                Glyph::Outline(glyph) => glyph.advance_width(),
                Glyph::Type3(glyph) => glyph.advance_width(),
            };
            let place = props.transform * glyph.transform();
            let end = place * Point::new(width.map_or(WIDTH, f64::from), 0.0);
            let (start, top) = (place * Point::ZERO, place * Point::new(0.0, 1000.0));
            let (left, base) = open::points(start.x, start.y);
            let (right, _) = open::points(end.x, end.y);
            let (size, _) = open::points((top - start).hypot(), 0.0);
            // Text that runs upwards or backwards has no line here.
            if right >= left && size > 0.0 && [left, right, base, size].iter().all(|number| number.is_finite()) {
                self.letters.push(Letter { text, place: Piece { left, right, base, size }, bold });
            }
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

fn is_bold(glyph: &Glyph<'_>) -> bool {
    let Glyph::Outline(glyph) = glyph else { return false };
    let Some(font) = glyph.font_data() else { return false };
    font.weight.is_some_and(|weight| weight >= 600) || font.postscript_name.is_some_and(|name| name.contains("Bold"))
}

fn lines(letters: &[Letter], corner: (f32, f32)) -> Vec<Line> {
    let places: Vec<Piece> = letters.iter().map(|letter| letter.place).collect();
    let mut lines = Vec::new();
    for group in columns::groups(&places) {
        for row in rows(letters, group) {
            let mut line = line(letters, row);
            line.left -= corner.0;
            line.right -= corner.0;
            line.base -= corner.1;
            lines.push(line);
        }
    }
    lines.retain(Line::is_sound);
    lines
}

/// The letters of `group`, which are in order from top to bottom, by lines; raised and lowered ones join theirs.
fn rows(letters: &[Letter], mut group: Vec<usize>) -> Vec<Vec<usize>> {
    let place = |at: usize| letters[at].place;
    group.sort_by(|a, b| place(*b).base.total_cmp(&place(*a).base));
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for at in group {
        let here = place(at);
        let joins = rows.last().is_some_and(|row| {
            let first = place(row[0]);
            let apart = (first.base - here.base).abs();
            let (small, large) = (first.size.min(here.size), first.size.max(here.size));
            apart <= 0.3 * small || small < RAISED * large && apart < 0.5 * large
        });
        match rows.last_mut().filter(|_| joins) {
            // The base of a line is that of its largest letter.
            Some(row) if here.size > place(row[0]).size => row.insert(0, at),
            Some(row) => row.push(at),
            None => rows.push(vec![at]),
        }
    }
    rows
}

fn line(letters: &[Letter], mut row: Vec<usize>) -> Line {
    let Piece { base, size, .. } = row.first().map_or(letters[0].place, |first| letters[*first].place);
    row.sort_by(|a, b| letters[*a].place.left.total_cmp(&letters[*b].place.left));
    let mut text = String::new();
    let (mut left, mut right) = (f32::MAX, f32::MIN);
    let mut before: Option<&Letter> = None;
    for letter in row.iter().map(|at| &letters[*at]) {
        let here = letter.place;
        if let Some(before) = before {
            // A letter painted twice, to make it bold, is one letter.
            if before.text == letter.text && (here.left - before.place.left).abs() < 0.1 * here.size {
                continue;
            }
            if here.left - right > SPACE * here.size && !text.ends_with(' ') && !letter.text.starts_with(' ') {
                text.push(' ');
            }
        }
        text.push_str(&letter.text);
        if !letter.text.trim().is_empty() {
            left = left.min(here.left);
        }
        right = right.max(here.right);
        before = Some(letter);
    }
    let text = if bidi::contains_rtl(&text) { bidi::reorder_bidi(&text) } else { text };
    let bold =
        row.iter().map(|at| &letters[*at]).filter(|letter| !letter.text.trim().is_empty()).all(|letter| letter.bold);
    Line { text: crate::page::plain(text.trim()), left, right, base, size, bold }
}
