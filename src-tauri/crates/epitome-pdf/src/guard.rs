//! The first engine's view of a file, with two faults mended: pages that draw without end are refused, and the room that
//! a `TJ` leaves before or after its letters is kept, which the engine would count to the letters and so lose the space
//! that it shows. For `first`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use unpdf::parser::LinkAnnotations;
use unpdf::parser::backend::{
    BackendFontInfo, ContentOp, DecodedRun, DecodedText, DocumentIntegrity, GlyphAdvance, PageBox, PageContent, PageId,
    PaintedXObject, PdfBackend, PdfMetadataRaw, PdfValue, RawBackend, RawOutlineItem, RawXObject, ResourceScope,
};
use unpdf::{Error, Result};

/// Bytes of drawing operators in one stream above which a file is refused.
const STREAM: usize = 32 << 20;
/// Forms that a page may draw, however nested; above it a file is refused.
const FORMS: usize = 20_000;

pub struct Guarded {
    pdf: RawBackend,
    /// Forms drawn on the page that is being read.
    forms: AtomicUsize,
    exceeded: AtomicBool,
}

impl Guarded {
    pub fn new(pdf: RawBackend) -> Self {
        Self { pdf, forms: AtomicUsize::new(0), exceeded: AtomicBool::new(false) }
    }

    /// Whether a page was above a limit, so that its text is not whole.
    pub fn exceeded(&self) -> bool {
        self.exceeded.load(Ordering::Relaxed)
    }

    fn exceed(&self) {
        self.exceeded.store(true, Ordering::Relaxed);
    }
}

impl PdfBackend for Guarded {
    fn page_content_with_losses(&self, page: PageId) -> Result<PageContent> {
        self.forms.store(0, Ordering::Relaxed);
        self.pdf.page_content_with_losses(page)
    }

    fn decode_content(&self, data: &[u8]) -> Result<Vec<ContentOp>> {
        if data.len() > STREAM {
            self.exceed();
            return Err(Error::Other("a page draws too much".to_owned()));
        }
        Ok(self.pdf.decode_content(data)?.into_iter().flat_map(parted).collect())
    }

    fn xobject(&self, scope: ResourceScope, name: &[u8]) -> Option<PaintedXObject> {
        if self.forms.fetch_add(1, Ordering::Relaxed) >= FORMS {
            self.exceed();
            return None;
        }
        self.pdf.xobject(scope, name)
    }

    /// Links are of no use here, and reading them takes time.
    fn link_annotations(&self, _: PageId) -> LinkAnnotations {
        LinkAnnotations::default()
    }

    fn pages(&self) -> BTreeMap<u32, PageId> {
        self.pdf.pages()
    }

    fn page_fonts(&self, scope: ResourceScope) -> Result<Vec<BackendFontInfo>> {
        self.pdf.page_fonts(scope)
    }

    fn page_content(&self, page: PageId) -> Result<Vec<u8>> {
        self.pdf.page_content(page)
    }

    fn decode_text(&self, scope: ResourceScope, font: &[u8], bytes: &[u8]) -> DecodedText {
        self.pdf.decode_text(scope, font, bytes)
    }

    fn decode_run(&self, scope: ResourceScope, font: &[u8], bytes: &[u8]) -> DecodedRun {
        self.pdf.decode_run(scope, font, bytes)
    }

    fn glyph_advances(&self, scope: ResourceScope, font: &[u8], bytes: &[u8]) -> Option<Vec<GlyphAdvance>> {
        self.pdf.glyph_advances(scope, font, bytes)
    }

    fn is_vertical_font(&self, scope: ResourceScope, font: &[u8]) -> bool {
        self.pdf.is_vertical_font(scope, font)
    }

    fn metadata(&self) -> PdfMetadataRaw {
        self.pdf.metadata()
    }

    fn page_box(&self, page: PageId) -> PageBox {
        self.pdf.page_box(page)
    }

    fn crop_box(&self, page: PageId) -> PageBox {
        self.pdf.crop_box(page)
    }

    fn page_rotation(&self, page: PageId) -> u16 {
        self.pdf.page_rotation(page)
    }

    fn outline(&self) -> Result<Vec<RawOutlineItem>> {
        self.pdf.outline()
    }

    fn page_xobjects(&self, page: PageId) -> Result<Vec<RawXObject>> {
        self.pdf.page_xobjects(page)
    }

    fn integrity(&self) -> DocumentIntegrity {
        self.pdf.integrity()
    }
}

/// A `TJ` as up to three: the room before its first letter, the letters, the room after the last.
fn parted(op: ContentOp) -> Vec<ContentOp> {
    let [PdfValue::Array(items)] = &op.operands[..] else { return vec![op] };
    let letters = |item: &PdfValue| matches!(item, PdfValue::Str(bytes) if !bytes.is_empty());
    let (Some(first), Some(last)) = (items.iter().position(letters), items.iter().rposition(letters)) else {
        return vec![op];
    };
    if op.operator != "TJ" || first == 0 && last + 1 == items.len() {
        return vec![op];
    }
    let parts = [&items[..first], &items[first..=last], &items[last + 1..]];
    let filled = parts.into_iter().filter(|part| !part.is_empty());
    filled.map(|part| ContentOp::new("TJ", vec![PdfValue::Array(part.to_vec())])).collect()
}
