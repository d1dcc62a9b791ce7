//! The first engine, `unpdf`: its runs of text grouped to lines by its own layout analysis, before it drops or joins
//! anything. For [`crate::text`].

use unpdf::ErrorKind;
use unpdf::parser::backend::{PageBox, PdfBackend, RawBackend};
use unpdf::parser::{LayoutAnalyzer, TextLine, TextSpan};

use crate::columns::{self, Piece};
use crate::guard::Guarded;
use crate::page::Meter;
use crate::{Line, Page, PdfError, Properties, Text};

/// Width of a letter whose width the font does not tell, in sizes of the type.
const LETTER: f32 = 0.5;

pub fn text(bytes: &[u8]) -> Result<Text, PdfError> {
    let pdf = RawBackend::load_bytes(bytes).map_err(|error| match error.kind() {
        ErrorKind::Encrypted | ErrorKind::InvalidPassword => PdfError::Password,
        _ => PdfError::Broken,
    })?;
    let pdf = Guarded::new(pdf);
    let places = pdf.pages();
    if places.is_empty() {
        return Err(PdfError::NoPages);
    }
    let integrity = pdf.integrity();
    let declared = integrity.declared_page_count.and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
    if integrity.xref_reconstructed && declared > places.len() {
        return Err(PdfError::Incomplete { found: places.len(), declared });
    }
    let mut meter = Meter::default();
    let mut pages = Vec::with_capacity(places.len());
    for (number, place) in places {
        let analyzer = LayoutAnalyzer::new(&pdf);
        // A page that cannot be read is empty; what that means is for the caller to say.
        let spans = analyzer.extract_page_spans(number).unwrap_or_default();
        let page = page(&analyzer, spans, pdf.crop_box(place));
        if pdf.exceeded() {
            return Err(PdfError::TooLarge(format!("its page {number} draws without end")));
        }
        meter.add(&page)?;
        pages.push(page);
    }
    let said = pdf.metadata();
    let properties = Properties {
        title: said.title.unwrap_or_default(),
        author: said.author.unwrap_or_default(),
        language: String::new(),
    };
    Ok(Text { pages, properties })
}

fn page(analyzer: &LayoutAnalyzer<'_>, spans: Vec<TextSpan>, shown: PageBox) -> Page {
    let (turned, level): (Vec<TextSpan>, Vec<TextSpan>) = spans.into_iter().partition(TextSpan::is_rotated);
    let pieces: Vec<Piece> = level.iter().map(piece).collect();
    let mut level: Vec<Option<TextSpan>> = level.into_iter().map(Some).collect();
    let mut lines = Vec::new();
    for group in columns::groups(&pieces) {
        // In the order in which they were drawn, which the analysis goes by.
        let mut group = group;
        group.sort_unstable();
        let spans: Vec<TextSpan> = group.into_iter().filter_map(|at| level[at].take()).collect();
        lines.extend(analyzer.group_spans_into_lines_pub(spans));
    }
    lines.extend(analyzer.group_spans_into_lines_pub(turned));
    let mut lines: Vec<Line> = lines.iter().map(|found| line(found, shown)).collect();
    lines.retain(Line::is_sound);
    Page { width: shown.width(), height: shown.height(), lines }
}

fn piece(span: &TextSpan) -> Piece {
    Piece { left: span.x, right: right(span), base: span.y, size: span.font_size }
}

fn right(span: &TextSpan) -> f32 {
    let trailing = span.text.len() - span.text.trim_end().len();
    match span.ink_width {
        Some(width) if span.width_measured => span.x + width,
        _ if span.width > 0.0 => span.x + (span.width - trailing as f32 * span.font_size * LETTER / 2.0).max(0.0),
        _ => span.x + span.text.chars().count() as f32 * span.font_size * LETTER,
    }
}

fn line(line: &TextLine, shown: PageBox) -> Line {
    Line {
        text: crate::page::plain(line.text().trim()),
        left: line.x - shown.llx,
        right: line.spans.iter().map(right).fold(line.x, f32::max) - shown.llx,
        base: line.y - shown.lly,
        size: line.font_size,
        bold: line.is_all_bold(),
    }
}
