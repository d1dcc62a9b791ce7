//! Changes to what is inside an archive.

use std::io::{Cursor, Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{LARGEST, Mutator};
use crate::target::Shape;

/// Names that lead elsewhere, are no names, or mean something.
const NAMES: [&str; 12] = [
    "../../evil.xhtml",
    "/etc/passwd",
    "",
    "a/",
    "META-INF/container.xml",
    "META-INF/encryption.xml",
    "mimetype",
    "[Content_Types].xml",
    "word/document.xml",
    "a\nb“\u{202E}.txt",
    "index.html",
    "C:\\x.txt",
];

type Item = (String, Vec<u8>);

/// The items of an archive, as far as they can be unpacked.
pub fn items(data: &[u8]) -> Option<Vec<Item>> {
    let mut archive = ZipArchive::new(Cursor::new(data)).ok()?;
    let mut items = Vec::new();
    for index in 0..archive.len().min(200) {
        let Ok(item) = archive.by_index(index) else { continue };
        let name = item.name().map(|name| name.to_string()).unwrap_or_default();
        let mut content = Vec::new();
        let _ = item.take(LARGEST as u64).read_to_end(&mut content);
        items.push((name, content));
    }
    Some(items)
}

/// An archive of those items.
pub fn packed(items: &[Item]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in items {
        if zip.start_file(name.as_str(), stored).is_ok() {
            let _ = zip.write_all(content);
        }
    }
    zip.finish().map(Cursor::into_inner).unwrap_or_default()
}

impl Mutator<'_> {
    /// An archive with an item changed, added, renamed, taken out or moved; `None` if `data` is none.
    pub fn zip(&mut self, data: &[u8]) -> Option<Vec<u8>> {
        let mut items = items(data)?;
        for _ in 0..=self.random.below(3) {
            let count = items.len();
            let which = self.random.below(count);
            match self.random.below(12) {
                0 if count > 0 => {
                    items.remove(which);
                }
                1 if count > 0 => NAMES[self.random.below(NAMES.len())].clone_into(&mut items[which].0),
                2 if count > 0 => {
                    let item = items[which].clone();
                    items.push(item);
                }
                3 if count > 0 => {
                    let item = items.remove(which);
                    items.push(item);
                }
                4 => self.take_item(&mut items),
                _ if count > 0 => {
                    let inner = std::mem::take(&mut items[which].1);
                    items[which].1 = self.change(Shape::Packed, &inner);
                }
                _ => {}
            }
        }
        Some(packed(&items))
    }

    /// An item of another input, in the place of one of the same name if there is one.
    fn take_item(&mut self, mine: &mut Vec<Item>) {
        let other = self.random.below(self.pool.len());
        let Some(others) = self.pool.get(other).and_then(|other| items(other)) else { return };
        let Some(item) = self.random.pick(&others).cloned() else { return };
        match mine.iter_mut().find(|(name, _)| *name == item.0) {
            Some(place) => *place = item,
            None => mine.push(item),
        }
    }

    /// What is packed in gzip changed, and packed again.
    pub fn gzip(&mut self, data: &[u8]) -> Option<Vec<u8>> {
        let mut inner = Vec::new();
        if !data.starts_with(b"\x1F\x8B") {
            return None;
        }
        GzDecoder::new(data).take(LARGEST as u64).read_to_end(&mut inner).ok()?;
        let changed = self.change(Shape::Packed, &inner);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&changed).ok()?;
        gzip.finish().ok()
    }
}
