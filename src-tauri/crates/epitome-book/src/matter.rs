//! Front and back matter that is no chapter, known by `epub:type`, by title or by file name. For the chapter finders.
//! Prefaces, forewords, dedications and the like are text and stay chapters.

use std::collections::HashMap;
use std::sync::LazyLock;

use epitome_model::LeftOutReason::{self, Contents, Cover, Imprint, Index, Licence, Notes, TitlePage};

/// By the words of `epub:type`, of an ARIA `role`, or of a guide's `type`
/// (<https://www.w3.org/TR/epub-ssv-11/>, <https://idpf.org/epub/20/spec/OPF_2.0_latest.htm#Section2.6>).
pub fn by_type(types: &str) -> Option<LeftOutReason> {
    types.split_ascii_whitespace().find_map(|word| {
        Some(match word.trim_start_matches("doc-") {
            "cover" => Cover,
            "titlepage" | "title-page" | "halftitlepage" | "halftitle" => TitlePage,
            "imprint" | "colophon" | "copyright-page" | "copyright" | "imprimatur" | "se:uncopyright" => Imprint,
            "toc" | "toc-brief" | "landmarks" | "page-list" | "pagelist" | "loi" | "lot" | "loa" | "lov" => Contents,
            "index" => Index,
            "notes" | "endnotes" | "footnotes" | "rearnotes" | "bibliography" | "z3998:dramatis-personae" => Notes,
            _ => return None,
        })
    })
}

/// Titles in the languages that chapters are found in; lower case, without punctuation at the ends.
const TITLES: &[(LeftOutReason, &[&str])] = &[
    (
        Cover,
        &[
            "cover",
            "front cover",
            "back cover",
            "cover page",
            "cover image",
            "couverture",
            "umschlag",
            "titelbild",
            "cubierta",
            "portada",
            "copertina",
            "capa",
            "обложка",
            "封面",
            "封底",
            "表紙",
            "표지",
            "الغلاف",
            "omslag",
            "okładka",
        ],
    ),
    (
        TitlePage,
        &[
            "title",
            "title page",
            "titlepage",
            "half title",
            "half title page",
            "half-title",
            "halftitle",
            "halftitlepage",
            "page de titre",
            "faux-titre",
            "titelseite",
            "titelblatt",
            "schmutztitel",
            "página de título",
            "portadilla",
            "frontespizio",
            "folha de rosto",
            "титульный лист",
            "титул",
            "扉页",
            "扉頁",
            "书名页",
            "標題紙",
            "扉",
            "속표지",
            "صفحة العنوان",
            "titelpagina",
            "strona tytułowa",
        ],
    ),
    (
        Imprint,
        &[
            "imprint",
            "colophon",
            "copyright",
            "copyright page",
            "copyright notice",
            "copyright information",
            "uncopyright",
            "rights",
            "all rights reserved",
            "legal notice",
            "disclaimer",
            "publisher's note on rights",
            "publication data",
            "publishing information",
            "impressum",
            "mentions légales",
            "copyrights",
            "créditos",
            "página de derechos",
            "derechos de autor",
            "página legal",
            "crediti",
            "colofon",
            "ficha técnica",
            "ficha catalográfica",
            "выходные данные",
            "выходные сведения",
            "版权",
            "版权页",
            "版权信息",
            "版權",
            "版權頁",
            "奥付",
            "奥附",
            "판권",
            "판권지",
            "저작권",
            "حقوق النشر",
            "also by",
            "also by the author",
            "also by this author",
            "other books by this author",
            "by the same author",
            "du même auteur",
            "books by the same author",
            "newsletter",
            "newsletter sign-up",
            "advertisement",
            "advertisements",
            "about the publisher",
            "about this ebook",
            "transcriber's note",
            "transcriber's notes",
            "transcriber’s note",
            "transcriber’s notes",
        ],
    ),
    (
        Contents,
        &[
            "contents",
            "the contents",
            "table of contents",
            "toc",
            "navigation",
            "list of illustrations",
            "illustrations",
            "list of figures",
            "list of tables",
            "list of maps",
            "list of plates",
            "landmarks",
            "inhalt",
            "inhaltsverzeichnis",
            "table des matières",
            "sommaire",
            "table",
            "índice",
            "índice general",
            "contenido",
            "tabla de contenidos",
            "contenidos",
            "indice",
            "sommario",
            "sumário",
            "conteúdo",
            "содержание",
            "оглавление",
            "目录",
            "目錄",
            "目次",
            "もくじ",
            "차례",
            "목차",
            "المحتويات",
            "فهرس المحتويات",
            "الفهرس",
            "inhoud",
            "inhoudsopgave",
            "spis treści",
            "obsah",
            "innehåll",
            "sisällys",
        ],
    ),
    (
        Index,
        &[
            "index",
            "general index",
            "subject index",
            "index of names",
            "register",
            "sachregister",
            "personenregister",
            "stichwortverzeichnis",
            "índice analítico",
            "índice alfabético",
            "índice onomástico",
            "indice analitico",
            "предметный указатель",
            "алфавитный указатель",
            "указатель",
            "索引",
            "색인",
            "찾아보기",
            "فهرس",
        ],
    ),
    (
        Notes,
        &[
            "notes",
            "endnotes",
            "end notes",
            "footnotes",
            "bibliography",
            "references",
            "works cited",
            "dramatis personae",
            "dramatis personæ",
            "list of characters",
            "cast of characters",
            "persons represented",
            "persons of the drama",
            "anmerkungen",
            "fußnoten",
            "fussnoten",
            "endnoten",
            "literaturverzeichnis",
            "bibliographie",
            "bibliografie",
            "personenverzeichnis",
            "notes de fin",
            "notes de bas de page",
            "personnages",
            "notas",
            "notas al pie",
            "notas finales",
            "bibliografía",
            "personajes",
            "bibliografia",
            "personaggi",
            "notas de rodapé",
            "referências",
            "personagens",
            "примечания",
            "сноски",
            "комментарии",
            "библиография",
            "список литературы",
            "действующие лица",
            "注释",
            "注釋",
            "註釋",
            "脚注",
            "尾注",
            "参考文献",
            "參考文獻",
            "人物表",
            "注釈",
            "註",
            "登場人物",
            "주석",
            "각주",
            "미주",
            "참고문헌",
            "등장인물",
            "الهوامش",
            "الحواشي",
            "المراجع",
            "noten",
            "voetnoten",
            "przypisy",
            "poznámky",
            "fotnoter",
        ],
    ),
    (
        Licence,
        &[
            "license",
            "licence",
            "the full project gutenberg license",
            "full license",
            "project gutenberg license",
            "creative commons license",
            "lizenz",
            "licencia",
            "licença",
            "licenza",
            "лицензия",
            "许可",
            "授權",
            "라이선스",
        ],
    ),
];

/// The reason each title stands for.
static REASONS: LazyLock<HashMap<&str, LeftOutReason>> = LazyLock::new(|| {
    let pairs = TITLES.iter().flat_map(|(reason, titles)| titles.iter().map(|title| (*title, *reason)));
    // Of two reasons the first that is listed holds.
    pairs.rev().collect()
});

/// By a whole title.
pub fn by_title(title: &str) -> Option<LeftOutReason> {
    let ends = |c: char| c.is_whitespace() || ".:;,!*[]()—–-_#\u{FEFF}".contains(c);
    if title.len() > 80 {
        return None;
    }
    let title = title.trim_matches(ends).to_lowercase();
    REASONS.get(title.as_str()).copied()
}

/// Beginnings of titles of pages that advertise, or say who owns what; lower case.
const BEGINNINGS: &[&str] = &[
    "also by ",
    "other books by ",
    "other titles by ",
    "more books by ",
    "more from ",
    "books by ",
    "novels by ",
    "works by ",
    "by the same author",
    "praise for ",
    "advance praise",
    "acclaim for ",
    "copyright ©",
    "copyright (c)",
    "copyright 19",
    "copyright 20",
    "©",
    "all rights reserved",
    "du même auteur",
    "de la même autrice",
    "weitere bücher von ",
    "otros libros de ",
    "altri libri di ",
    "outros livros de ",
    "другие книги ",
];
/// Words of imprints; lower case.
const SIGNS: &[&str] = &[
    "all rights reserved",
    "isbn",
    "©",
    "copyright (c)",
    "library of congress",
    "first published",
    "published by",
    "printed in",
    "tous droits réservés",
    "dépôt légal",
    "alle rechte vorbehalten",
    "todos los derechos reservados",
    "tutti i diritti riservati",
    "todos os direitos reservados",
    "все права защищены",
    "版权所有",
    "版權所有",
    "無断転載",
    "무단 전재",
];
/// Longest such page, in bytes.
const PAGE: usize = 6_000;
/// Longest page with a single one of those words, in bytes.
const LINES: usize = 500;

/// By the shape of a page with that title and text: what advertises other books, or says who owns this one.
pub fn by_shape(title: &str, page: &str) -> Option<LeftOutReason> {
    if page.len() > PAGE {
        return None;
    }
    let title = title.trim().to_lowercase();
    let begins = |start: &&str| title.starts_with(*start);
    // "Books by Candlelight" may be a chapter; a list of books has many short lines.
    let list = || page.lines().filter(|line| !line.trim().is_empty()).all(|line| line.chars().count() <= 300);
    if BEGINNINGS.iter().any(begins) && list() {
        return Some(Imprint);
    }
    // A chapter has a heading of its own; these pages have none.
    let headed = crate::heading::line(&title).is_some();
    let low = page.to_lowercase();
    let signs = SIGNS.iter().filter(|sign| low.contains(**sign)).count();
    (!headed && (signs > 1 || signs == 1 && page.len() <= LINES && low.contains(['©', '(']))).then_some(Imprint)
}

/// By the name of a file inside an archive, digits and common prefixes put aside.
pub fn by_file(path: &str) -> Option<LeftOutReason> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    let stem = stem.trim_matches(|c: char| c.is_ascii_digit() || "_- ".contains(c));
    // A single letter in front, as in `A_cover.xhtml`, only sorts the files.
    let stem = match stem.split_once(['_', '-']) {
        Some((prefix, rest)) if prefix.len() <= 2 => rest,
        _ => stem,
    };
    Some(match stem {
        "cover" | "coverpage" | "cover-page" | "cover_page" | "frontcover" | "backcover" => Cover,
        "title" | "titlepage" | "title-page" | "title_page" | "halftitle" | "halftitlepage" | "half-title" => TitlePage,
        "copyright" | "copyrightpage" | "copyright-page" | "copyright_page" | "imprint" | "impressum" | "colophon"
        | "uncopyright" | "legal" | "adcard" | "ad-card" | "newsletter" => Imprint,
        "toc" | "nav" | "navigation" | "contents" | "tableofcontents" | "table-of-contents" | "loi" => Contents,
        "license" | "licence" => Licence,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matter_is_known_in_many_languages_and_text_is_not_taken_for_it() {
        assert_eq!(by_title("CONTENTS."), Some(Contents));
        assert_eq!(by_title("Inhaltsverzeichnis"), Some(Contents));
        assert_eq!(by_title("Page de titre"), Some(TitlePage));
        assert_eq!(by_title("奥付"), Some(Imprint));
        assert_eq!(by_title("Примечания"), Some(Notes));
        for kept in ["Preface", "Dedication", "Author’s Note", "The Cover", "Prologue", "Index of Crimes"] {
            assert_eq!(by_title(kept), None, "{kept}");
        }
        assert_eq!(by_file("EPUB/Content/A_cover.xhtml"), Some(Cover));
        assert_eq!(by_file("text/imprint.xhtml"), Some(Imprint));
        assert_eq!(by_file("index.html"), None);
        assert_eq!(by_type("backmatter colophon"), Some(Imprint));
        assert_eq!(by_type("doc-toc"), Some(Contents));
        assert_eq!(by_type("preface"), None);
    }

    #[test]
    fn pages_of_the_publisher_are_known_by_their_shape() {
        for (title, page) in [
            ("Also by Jane Doe", "Also by Jane Doe\n\nThe Road\n\nThe River"),
            ("Praise for The Road", "“A book.” The Times"),
            ("Copyright © 2020 by Jane Doe", "Copyright © 2020 by Jane Doe"),
            ("The Road", "Published by Small Press. All rights reserved. ISBN 978-3-16-148410-0"),
            ("(untitled)", "© 2020 Jane Doe. All rights reserved."),
            ("(untitled)", "本书版权所有 © 2020"),
        ] {
            assert_eq!(by_shape(title, page), Some(Imprint), "{title}");
        }
        let prose = "He read on by the light of a candle, and nobody called him, and it was late when he stopped. ";
        for (title, page) in [
            ("Books by Candlelight", &prose.repeat(9)),
            ("Chapter 3", &"© ISBN All rights reserved".to_owned()),
            ("The Printer", &format!("It was printed in Leipzig. {prose}")),
        ] {
            assert_eq!(by_shape(title, page), None, "{title}");
        }
    }
}
