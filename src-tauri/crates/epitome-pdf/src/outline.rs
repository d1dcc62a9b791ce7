//! The outline of a PDF, which readers show as bookmarks: titles with the pages and heights they lead to. For
//! [`crate::outline`].

use std::collections::{HashMap, HashSet};

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Number, ObjRef, Object, ObjectIdentifier, String as Bytes};
use serde::{Deserialize, Serialize};

use crate::open;
use crate::{PdfError, Properties};

/// Entries that are read; the rest is left aside.
const ENTRIES: usize = 20_000;
/// Levels of an outline; deeper ones count as this deep.
const DEPTH: u32 = 64;
/// Names of places that are read, and nodes of their tree.
const NAMES: usize = 500_000;

/// The outline of a PDF, and what it says of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    pub entries: Vec<OutlineEntry>,
    pub properties: Properties,
}

/// One entry of an outline, in the order of the outline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutlineEntry {
    pub title: String,
    /// 0 for the outermost.
    pub level: u32,
    /// Page from 0; absent for an entry that leads nowhere in this file.
    pub page: Option<usize>,
    /// Height on that page, in points from its lower edge; absent for its top.
    pub top: Option<f32>,
}

/// The outline of the PDF in `bytes`; empty if it has none.
pub fn outline(bytes: &[u8]) -> Result<Outline, PdfError> {
    let pdf = open::pdf(bytes)?;
    let properties = open::properties(&pdf);
    let Some(catalog) = open::catalog(&pdf) else { return Ok(Outline { entries: Vec::new(), properties }) };
    let places = Places::of(&pdf, &catalog);
    let mut entries = Vec::new();
    // Each item at most once, whatever leads to it: a hostile outline runs in circles.
    let mut seen: HashSet<ObjRef> = HashSet::new();
    let mut open: Vec<(ObjRef, u32)> = Vec::new();
    open.extend(catalog.get::<Dict<'_>>("Outlines").and_then(|root| Some((root.get_ref("First")?, 0))));
    while let Some((item, level)) = open.pop() {
        if entries.len() >= ENTRIES || !seen.insert(item) {
            continue;
        }
        let Some(dict) = pdf.xref().get::<Dict<'_>>(item.into()) else { continue };
        let title = dict.get::<Bytes<'_>>("Title").map(|title| open::decoded(&title)).unwrap_or_default();
        let place = places.of_item(&dict);
        let (page, top) = place.map_or((None, None), |(page, top)| (Some(page), top));
        entries.push(OutlineEntry { title, level, page, top });
        open.extend(dict.get_ref("Next").map(|next| (next, level)));
        open.extend(dict.get_ref("First").map(|first| (first, (level + 1).min(DEPTH))));
    }
    Ok(Outline { entries, properties })
}

/// Where destinations lead.
struct Places<'a> {
    /// Page from 0, with the height of its lower edge.
    pages: HashMap<ObjectIdentifier, (usize, f32)>,
    lower: Vec<f32>,
    named: HashMap<Vec<u8>, Array<'a>>,
}

impl<'a> Places<'a> {
    fn of(pdf: &'a Pdf, catalog: &Dict<'a>) -> Self {
        let mut pages = HashMap::new();
        let mut lower = Vec::new();
        for (number, page) in pdf.pages().iter().enumerate() {
            let (_, edge) = open::points(0.0, page.intersected_crop_box().y0);
            lower.push(edge);
            if let Some(id) = page.raw().obj_id() {
                pages.insert(id, (number, edge));
            }
        }
        Self { pages, lower, named: named(pdf, catalog) }
    }

    /// Page and height that an item of the outline leads to.
    fn of_item(&self, item: &Dict<'a>) -> Option<(usize, Option<f32>)> {
        let direct = item.get::<Object<'a>>("Dest");
        let action = || {
            let action = item.get::<Dict<'a>>("A")?;
            let here = action.get::<Name<'_>>("S").is_some_and(|kind| kind.as_ref() == b"GoTo");
            action.get::<Object<'a>>("D").filter(|_| here)
        };
        let array = match direct.or_else(action)? {
            Object::Array(array) => array,
            Object::String(name) => self.named.get(name.as_bytes())?.clone(),
            Object::Name(name) => self.named.get(name.as_ref())?.clone(),
            Object::Dict(dict) => dict.get::<Array<'a>>("D")?,
            _ => return None,
        };
        self.of_array(&array)
    }

    /// Page and height of an explicit destination (ISO 32000-2, 12.3.2.2).
    fn of_array(&self, array: &Array<'a>) -> Option<(usize, Option<f32>)> {
        let (page, lower) = match array.raw_iter().next()? {
            MaybeRef::Ref(page) => *self.pages.get(&page.into())?,
            MaybeRef::NotRef(page) => {
                let number = usize::try_from(page.into_i32()?).ok()?;
                (number, *self.lower.get(number)?)
            }
        };
        let mut rest = array.iter::<Object<'a>>().skip(1);
        let kind = rest.next().and_then(Object::into_name);
        let height = match kind.as_deref() {
            Some(b"XYZ") => rest.nth(1),
            Some(b"FitH" | b"FitBH") => rest.next(),
            Some(b"FitR") => rest.nth(3),
            _ => None,
        };
        let height = height.and_then(Object::into_number).map(|height: Number| height.as_f32() - lower);
        Some((page, height.filter(|height| height.is_finite())))
    }
}

/// The named destinations, of the old way in a dictionary and of the new one in a tree.
fn named<'a>(pdf: &'a Pdf, catalog: &Dict<'a>) -> HashMap<Vec<u8>, Array<'a>> {
    let mut named = HashMap::new();
    let array = |value: Object<'a>| match value {
        Object::Array(array) => Some(array),
        Object::Dict(dict) => dict.get::<Array<'a>>("D"),
        _ => None,
    };
    if let Some(old) = catalog.get::<Dict<'a>>("Dests") {
        for name in old.keys().take(NAMES) {
            if let Some(place) = old.get::<Object<'a>>(name.as_ref()).and_then(array) {
                named.insert(name.as_ref().to_vec(), place);
            }
        }
    }
    let mut seen: HashSet<ObjRef> = HashSet::new();
    let root = catalog.get::<Dict<'a>>("Names").and_then(|names| names.get::<Dict<'a>>("Dests"));
    let mut open: Vec<Dict<'a>> = root.into_iter().collect();
    while let Some(node) = open.pop() {
        let list = node.get::<Array<'a>>("Names");
        let mut pairs = list.iter().flat_map(Array::iter::<Object<'a>>);
        while let (Some(name), Some(value)) = (pairs.next(), pairs.next()) {
            if let (Some(name), Some(place)) = (name.into_string(), array(value))
                && named.len() < NAMES
            {
                named.insert(name.as_bytes().to_vec(), place);
            }
        }
        let Some(kids) = node.get::<Array<'a>>("Kids") else { continue };
        for kid in kids.raw_iter().take(NAMES) {
            // A node that is not an object of its own cannot be part of a circle, and is not allowed.
            if let MaybeRef::Ref(kid) = kid
                && seen.len() < NAMES
                && seen.insert(kid)
            {
                open.extend(pdf.xref().get::<Dict<'a>>(kid.into()));
            }
        }
    }
    named
}
