//! Elements and texts of the small XML files of a book (container, package, NCX), by quick-xml, which expands no
//! entity that the file itself declares.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::entity;

/// What [`scan`] reports; names are local (without prefix).
pub enum Xml<'a> {
    Open(&'a str, &'a Attributes),
    Text(&'a str),
    Close(&'a str),
}

/// Attributes by local name, decoded.
pub struct Attributes(Vec<(String, String)>);

impl Attributes {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn of(start: &BytesStart<'_>) -> Self {
        let mut raw = start.html_attributes();
        Self(
            raw.with_checks(false)
                .flatten()
                .map(|found| {
                    let key = found.key.local_name().as_ref().to_owned();
                    (key, entity::decode(&found.value).into_owned())
                })
                .collect(),
        )
    }
}

/// Reports `text` element by element. Where it stops being XML, reading ends and what came before stands.
pub fn scan(text: &str, mut each: impl FnMut(Xml<'_>)) {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    config.expand_empty_elements = true;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => each(Xml::Open(start.local_name().as_ref(), &Attributes::of(&start))),
            Ok(Event::End(end)) => each(Xml::Close(end.local_name().as_ref())),
            Ok(Event::Text(text)) => each(Xml::Text(&text)),
            Ok(Event::CData(text)) => each(Xml::Text(&text)),
            Ok(Event::GeneralRef(name)) => each(Xml::Text(&entity::decode(&format!("&{};", &*name)))),
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}
