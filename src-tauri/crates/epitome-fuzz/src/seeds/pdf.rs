//! PDF files: text of several kinds, outlines, forms, packed streams, columns.

use epitome_testkit::pdf::{Pdf, Setter, line};

use super::prose;

fn novel() -> Pdf {
    let mut setter = Setter::new();
    let mut outline = Vec::new();
    for (chapter, title) in (1..).zip(["One", "Two", "Three"]) {
        setter.new_page();
        let (page, height) = setter.heading(16.0, true, &format!("Chapter {chapter}"));
        outline.push((usize::from(chapter == 2), title, page, height));
        setter.paragraph(&prose(chapter, 60));
        setter.paragraph(&prose(chapter + 5, 30));
    }
    let mut pages = setter.pages;
    for (at, page) in pages.iter_mut().enumerate() {
        page.insert(0, line(40.0, 570.0, "THE LONG ROAD"));
        page.push(line(200.0, 30.0, &format!("{}", at + 1)));
    }
    Pdf { pages, outline, ..Pdf::default() }
}

pub fn pdf() -> Vec<Vec<u8>> {
    let info = || vec!["<</Title(\\376\\377\\000R\\000o\\000a\\000d)/Author(Ann)>>".to_owned()];
    let form = String::from(
        "<</Type/XObject/Subtype/Form/BBox[0 0 420 600]/Resources<</Font<</F1 3 0 R>>/XObject<</X1 10001 0 R>>>>/Length 60>>stream\nBT /F1 10 Tf 40 300 Td [(A fo) -20 (rm) 500 (.)] TJ T* (x) ' ET\n/X1 Do\nendstream",
    );
    let cmap = "<</Length 150>>stream\n/CIDInit begincmap 1 begincodespacerange <00> <FF> endcodespacerange 2 beginbfchar <41> <0416> <42> <D83DDE00> endbfchar 1 beginbfrange <43> <50> <0430> endbfrange endcmap\nendstream";
    let columns: Vec<_> = (0..30_u8)
        .flat_map(|row| {
            let base = 560.0 - 16.0 * f32::from(row);
            [line(30.0, base, "left column words here"), line(230.0, base, "right column words here")]
        })
        .collect();
    let made = [
        novel(),
        Pdf { trailer: "/Info 10000 0 R".to_owned(), objects: info(), ..novel() },
        Pdf {
            objects: vec![cmap.to_owned(), form],
            extra: "/X1 Do\nq 1 0 0 1 5 5 cm BT /F1 9 Tf 1 0 0 1 40 80 Tm <414243> Tj ET Q\n".to_owned(),
            resources: "/XObject<</X1 10001 0 R>>".to_owned(),
            ..novel()
        },
        Pdf { pages: vec![columns.clone(), columns], ..Pdf::default() },
        Pdf { pages: vec![Vec::new()], ..Pdf::default() },
    ];
    made.iter().map(Pdf::bytes).collect()
}
