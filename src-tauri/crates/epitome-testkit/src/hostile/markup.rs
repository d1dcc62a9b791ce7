//! FB2 and web pages.

use super::write::{entities, first, nested};
use super::{CUT_OFF, Ends, NO_TEXT, Row, prose};

pub const ROWS: &[Row] = &[
    ("deep.html", NO_TEXT, || nested("<html><body>", "<table><tr><td>", 100_000)),
    ("deep-text.html", Ends::Reads, || [nested("<html><body>", "<div>", 500_000), prose().into_bytes()].concat()),
    ("tags.html", Ends::Reads, || [b"<html>".to_vec(), prose().into_bytes(), b"<".repeat(2_000_000)].concat()),
    ("attributes.html", Ends::Reads, || {
        format!("<html><body><p {}>{}</p>", "a='b' ".repeat(300_000), prose()).into_bytes()
    }),
    ("comments.html", Ends::Reads, || format!("<html><p>{}</p>{}", prose(), "<!--".repeat(500_000)).into_bytes()),
    ("entities.html", Ends::Reads, || {
        format!("<html><p>{}</p>{}", prose(), "&#x110000;&#xD800;&#0;&nosuch;&amp".repeat(10)).into_bytes()
    }),
    ("headings.html", Ends::Reads, || format!("<html><p>{}</p>{}", prose(), "<h1>x</h1>".repeat(200_000)).into_bytes()),
    ("deep.fb2", CUT_OFF, || nested("<FictionBook><body>", "<section>", 200_000)),
    ("deep-titles.fb2", Ends::Reads, || {
        let open = "<section><title><p>x</p></title>".repeat(100_000);
        let close = "</section>".repeat(100_000);
        format!("<FictionBook><body>{open}<p>{}</p>{close}</body></FictionBook>", prose()).into_bytes()
    }),
    ("entities.fb2", Ends::Reads, || {
        let book =
            format!("<FictionBook><body><section><p>{} &a11; &file;</p></section></body></FictionBook>", prose());
        format!("<?xml version='1.0'?>{}{book}", entities()).into_bytes()
    }),
    ("picture.fb2", Ends::Reads, || {
        let picture = "A".repeat(40_000_000);
        format!("<FictionBook><description><title-info><coverpage><image l:href='#c'/></coverpage></title-info></description><body><section><p>{}</p></section></body><binary id='c'>{picture}</binary></FictionBook>", prose()).into_bytes()
    }),
    ("cut.fb2", CUT_OFF, || {
        first(
            format!("<FictionBook><body><section><p>{}</p></section></body></FictionBook>", prose().repeat(4))
                .into_bytes(),
            60,
        )
    }),
];
