//! A file that is another version of a book in the library: which one, what is the same in it, and putting the one in
//! the other's place.

use epitome_book::{Book, Section, grown};
use epitome_model::{AddAs, BookId, Grown, Kinship};
use epitome_store::section::{Placed, SectionRow};
use epitome_store::{Connection, StoreError, book, section};
use grown::{Comparison, Known, Origin};

/// Books with nearly the same title that are compared.
const COMPARED: usize = 8;

/// A book of the library as it is compared.
pub struct Older {
    pub id: BookId,
    title: String,
    rows: Vec<SectionRow>,
    known: Vec<Known<blake3::Hash>>,
}

impl Older {
    pub fn load(conn: &Connection, id: BookId) -> Result<Option<Self>, StoreError> {
        let Some(found) = book::find(conn, id)? else { return Ok(None) };
        let (mut rows, mut known) = (Vec::new(), Vec::new());
        section::each(conn, id, |row, text| {
            let is_chapter = row.left_out.is_none();
            known.push(Known { fingerprint: fingerprint(&text), title: row.title.clone(), is_chapter });
            rows.push(row);
        })?;
        Ok(Some(Self { id, title: found.meta.title, rows, known }))
    }

    /// How the sections of `text` go together with this book; `None` where they are another book's.
    pub fn compare(&self, conn: &Connection, text: &str, sections: &[Section]) -> Option<Comparison> {
        let inner = |section: &Section| text.get(section.range.clone()).unwrap_or_default();
        let new: Vec<_> = sections
            .iter()
            .map(|section| Known {
                fingerprint: fingerprint(inner(section)),
                title: section.title.clone(),
                is_chapter: section.left_out.is_none(),
            })
            .collect();
        let mut text_of_old = |place: usize| {
            let stored = self.rows.get(place).and_then(|row| section::text(conn, row.id).ok().flatten());
            grown::words(&stored.unwrap_or_default())
        };
        let mut text_of_new =
            |place: usize| sections.get(place).map(|section| grown::words(inner(section))).unwrap_or_default();
        grown::compare(&self.known, &new, &mut text_of_old, &mut text_of_new)
    }

    /// What the library kept of sections that are the same: the reader's titles, and what it left out or put back.
    pub fn inherit(&self, sections: &[Section], comparison: &Comparison) -> Vec<Section> {
        let inherited = sections.iter().zip(&comparison.origins).map(|(section, origin)| match origin {
            Origin::Same(place) => {
                let row = &self.rows[*place];
                Section { title: row.title.clone(), left_out: row.left_out, ..section.clone() }
            }
            Origin::Changed(_) | Origin::New => section.clone(),
        });
        inherited.collect()
    }

    /// The stored sections as stretches of `text`, where they are all of it.
    pub fn as_stored(&self, conn: &Connection, text: &str) -> Result<Option<Vec<Section>>, StoreError> {
        let mut at = 0;
        let mut sections = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let stored = section::text(conn, row.id)?.unwrap_or_default();
            if !text.get(at..).is_some_and(|rest| rest.starts_with(&*stored)) {
                return Ok(None);
            }
            let range = at..at + stored.len();
            at = range.end;
            let (title, part) = (row.title.clone(), row.part.clone());
            sections.push(Section { title, part, range, chars: row.chars, left_out: row.left_out });
        }
        Ok((at == text.len()).then_some(sections))
    }

    /// What the preview says of it.
    pub fn grown(&self, sections: &[Section], comparison: &Comparison) -> (Grown, Vec<Kinship>) {
        let kinship: Vec<Kinship> = comparison.origins.iter().map(|origin| kinship(*origin)).collect();
        let chapters = |wanted: Kinship| {
            let of =
                sections.iter().zip(&kinship).filter(|(section, kin)| section.left_out.is_none() && **kin == wanted);
            u32::try_from(of.count()).unwrap_or(u32::MAX)
        };
        let gone = comparison.gone.iter().filter(|place| self.rows[**place].left_out.is_none()).count();
        let grown = Grown {
            book: self.id,
            title: self.title.clone(),
            same: chapters(Kinship::Same),
            changed: chapters(Kinship::Changed),
            new: chapters(Kinship::New),
            gone: u32::try_from(gone).unwrap_or(u32::MAX),
        };
        (grown, kinship)
    }

    /// Puts the sections of `text` in the place of this book's. Those that are the same keep their rows and all that was
    /// made from them; what reads otherwise begins anew. Gives the characters of what stayed though the file does not
    /// hold it.
    pub fn replace(
        &self,
        conn: &Connection,
        text: &str,
        sections: &[Section],
        comparison: Option<&Comparison>,
        how: AddAs,
    ) -> Result<u32, StoreError> {
        let kept: &[usize] = match comparison {
            Some(comparison) if how == AddAs::Update => &comparison.gone,
            _ => &[],
        };
        let mut stays = kept.iter().copied().peekable();
        let extra = kept.iter().map(|place| self.rows[*place].chars).sum();
        let mut placed = Vec::with_capacity(sections.len() + kept.len());
        for (at, section) in sections.iter().enumerate() {
            let origin = comparison.map_or(Origin::New, |comparison| comparison.origins[at]);
            let before = match origin {
                Origin::Same(place) | Origin::Changed(place) => place,
                Origin::New => 0,
            };
            while let Some(place) = stays.next_if(|place| *place < before) {
                placed.push(of_row(&self.rows[place]));
            }
            let id = if let Origin::Same(place) = origin { Some(self.rows[place].id) } else { None };
            placed.push(Placed {
                id,
                title: &section.title,
                part: section.part.as_deref(),
                left_out: section.left_out,
                text: Some((text.get(section.range.clone()).unwrap_or_default(), section.chars)),
            });
        }
        placed.extend(stays.map(|place| of_row(&self.rows[place])));
        section::arrange(conn, self.id, &placed)?;
        Ok(extra)
    }
}

fn of_row(row: &SectionRow) -> Placed<'_> {
    let (title, part) = (row.title.as_str(), row.part.as_deref());
    Placed { id: Some(row.id), title, part, left_out: row.left_out, text: None }
}

fn kinship(origin: Origin) -> Kinship {
    match origin {
        Origin::Same(_) => Kinship::Same,
        Origin::Changed(_) => Kinship::Changed,
        Origin::New => Kinship::New,
    }
}

fn fingerprint(text: &str) -> blake3::Hash {
    blake3::hash(grown::words(text).as_bytes())
}

/// The book of the library that `source` is another version of: the one with most sections that are the same.
pub fn find(conn: &Connection, source: &Book) -> Result<Option<(Older, Comparison)>, StoreError> {
    let alike = book::list(conn)?.into_iter().filter(|(_, meta)| grown::may_be_versions(meta, &source.meta));
    let mut best: Option<(usize, Older, Comparison)> = None;
    for (id, _) in alike.take(COMPARED) {
        let Some(older) = Older::load(conn, id)? else { continue };
        let Some(comparison) = older.compare(conn, &source.text, &source.sections) else { continue };
        let same = comparison.origins.iter().filter(|origin| matches!(origin, Origin::Same(_))).count();
        if best.as_ref().is_none_or(|(most, ..)| same > *most) {
            best = Some((same, older, comparison));
        }
    }
    Ok(best.map(|(_, older, comparison)| (older, comparison)))
}
