//! Little books of many shapes: what is a chapter in each, and what is none. The prose between headings is ours.
#![allow(clippy::panic, reason = "a test says what is wrong by failing")]

use epitome_book::{Book, read};

/// A page of prose, wrapped as texts are.
const PROSE: &str = "
It was a bright cold day in the spring of the year, and the clocks of the
town were striking nine when he came down to the river, where the boats
lay side by side in the thin grey light and nobody was yet awake to see
how slowly he went, or that he had taken the path by the mill.

“Chapter 3 was the best,” said the miller. He had read book two in the
winter, and part one of the plan before that; the first scene, he said,
was not worth a candle, and on the 12. of May he had told them so.
";

/// The same where paragraphs are lines and nothing has spaces between words.
const WIDE: &str = "
　　他走进了房间，看见一个陌生人坐在椅子上，正在读一本很旧的书。
　　“第三章里写得很好。”那人说。第一节课开始了，他没有去。
　　雪下了一整夜，天亮的时候院子里什么也看不见了，只有一只黑猫蹲在墙头上看着他们。
";

/// `¶` stands for pages of prose, `文` at a line's start for those of a wide script.
fn book(shape: &str) -> Book {
    let shape = shape.trim_start_matches('\n').replace("\n¶", &format!("\n{}", PROSE.repeat(4)));
    let text = shape.replace("\n文", &WIDE.repeat(8));
    read(text.as_bytes(), "book.txt").unwrap_or_else(|error| panic!("{error}: {shape}"))
}

fn titles(book: &Book) -> Vec<String> {
    let part = |part: &Option<String>| part.as_ref().map(|part| format!("{part} / ")).unwrap_or_default();
    book.chapters().map(|(_, _, section)| part(&section.part) + &section.title).collect()
}

/// Each with its chapters, joined by `|`.
const SHAPES: &[(&str, &str)] = &[
    // Gutenberg: number and title on two lines, in parts.
    (
        "\nBOOK ONE\nTHE COMING OF THE MARTIANS\n\n\nI.\nTHE EVE OF THE WAR.\n\n¶\n\nII.\nTHE FALLING STAR.\n\n¶\n\nIII.\nON HORSELL COMMON.\n\n¶\n\nBOOK TWO\nTHE EARTH\n\n\nI.\nUNDER FOOT.\n\n¶\n\nII.\nWHAT WE SAW.\n\n¶\n",
        "BOOK ONE: THE COMING OF THE MARTIANS / I. THE EVE OF THE WAR.|BOOK ONE: THE COMING OF THE MARTIANS / II. THE FALLING STAR.|BOOK ONE: THE COMING OF THE MARTIANS / III. ON HORSELL COMMON.|BOOK TWO: THE EARTH / I. UNDER FOOT.|BOOK TWO: THE EARTH / II. WHAT WE SAW.",
    ),
    (
        "\n I.\n Introduction\n\n¶\n\n II.\n The Machine\n\n¶\n\n III.\n The Time Traveller Returns\n\n¶\n\n",
        "I. Introduction|II. The Machine|III. The Time Traveller Returns",
    ),
    // Titles only, with a printed list.
    (
        "\nDUBLINERS\n\nby James Joyce\n\n\nContents\n\n The Sisters\n An Encounter\n Araby\n Eveline\n\n\nTHE SISTERS\n\n¶\n\nAN ENCOUNTER\n\n¶\n\nARABY\n\n¶\n\nEVELINE\n\n¶\n",
        "THE SISTERS|AN ENCOUNTER|ARABY|EVELINE",
    ),
    // Web serials.
    (
        "\n12 — not a heading\n\nChapter Zero\n\n¶\n\nChapter One\n\n¶\n\nChapter Two\n\n¶\n\nInterlude: Rain\n\n¶\n",
        "Chapter Zero|Chapter One|Chapter Two|Interlude: Rain",
    ),
    (
        "\n[Chapter 1]\n\n¶\n\n[Chapter 2]\n\n¶\n\n[Chapter 3] The Storm\n\n¶\n",
        "[Chapter 1]|[Chapter 2]|[Chapter 3] The Storm",
    ),
    ("\n--- Chapter 1 ---\n\n¶\n\n--- Chapter 2 ---\n\n¶\n\n--- Chapter 3 ---\n\n¶\n", "Chapter 1|Chapter 2|Chapter 3"),
    (
        "\nArc 1\n\nCh. 1\n\n¶\n\nCh. 2\n\n¶\n\nArc 2\n\nCh. 3\n\n¶\n\nCh. 4\n\n¶\n",
        "Arc 1 / Ch. 1|Arc 1 / Ch. 2|Arc 2 / Ch. 3|Arc 2 / Ch. 4",
    ),
    ("\nchapter 1\n\n¶\n\nchapter 2: the storm\n\n¶\n\nchapter 3\n\n¶\n", "chapter 1|chapter 2: the storm|chapter 3"),
    ("\n1 — The Storm\n\n¶\n\n2 — The Calm\n\n¶\n\n3 — The Shore\n\n¶\n", "1 — The Storm|2 — The Calm|3 — The Shore"),
    ("\n1 - Title\n\n¶\n\n2 - Another\n\n¶\n\n3 - The Last\n\n¶\n", "1 - Title|2 - Another|3 - The Last"),
    ("\n1 The Boy\n\n¶\n\n2 The Long Road\n\n¶\n\n3 Home\n\n¶\n\n", "1 The Boy|2 The Long Road|3 Home"),
    // Essays and manuals.
    ("\nSection I\n\n¶\n\nSection II\n\n¶\n\nSection III\n\n¶\n", "Section I|Section II|Section III"),
    (
        "\nCHAPTER I\n\nSection 1\n\n¶\n\nSection 2\n\n¶\n\nCHAPTER II\n\nSection 1\n\n¶\n\nCHAPTER III\n\n¶\n\n",
        "CHAPTER I|CHAPTER II|CHAPTER III",
    ),
    (
        "\n1. Scope\n\n¶\n\n1. Take the first.\n\n2. Take the second.\n\n3. Take the third.\n\n¶\n\n2. Use\n\n¶\n\n3. Care\n\n¶\n",
        "1. Scope|2. Use|3. Care",
    ),
    // Plays: acts above scenes, a printed list of both.
    (
        "\nTHE KING\n\nContents\n\nACT I\n\nScene I. A room in the castle.\n\nScene II. A heath.\n\nACT II\n\nScene I. A room in the castle.\n\nScene II. Another part of the heath.\n\n\nDramatis Personæ\n\nTHE KING, an old man.\n\nACT I\n\nScene I. A room in the castle.\n\n¶\n\nScene II. A heath.\n\n¶\n\nACT II\n\nScene I. A room in the castle.\n\n¶\n\nScene II. Another part of the heath.\n\n¶\n",
        "ACT I / Scene I. A room in the castle.|ACT I / Scene II. A heath.|ACT II / Scene I. A room in the castle.|ACT II / Scene II. Another part of the heath.",
    ),
    (
        "\nACT I\n\nSCENE I. Elsinore. A platform before the Castle.\n\n¶\n\nSCENE II. Elsinore. A room of state in the Castle.\n\n¶\n\nACT II\n\nSCENE I. A room in Polonius’s house.\n\n¶\n",
        "ACT I / SCENE I. Elsinore. A platform before the Castle.|ACT I / SCENE II. Elsinore. A room of state in the Castle.|ACT II / SCENE I. A room in Polonius’s house.",
    ),
    // Letters.
    (
        "\nLetter 1\n\n¶\n\nLetter 2\n\n¶\n\nLetter 3\n\n¶\n\nChapter 1\n\n¶\n\nChapter 2\n\n¶\n",
        "Letter 1|Letter 2|Letter 3|Chapter 1|Chapter 2",
    ),
    // Other languages.
    (
        "\nERSTES BUCH\n\nErstes Kapitel\n\n¶\n\nZweites Kapitel\n\n¶\n\nZWEITES BUCH\n\nEinundzwanzigstes Kapitel\n\n¶\n",
        "ERSTES BUCH / Erstes Kapitel|ERSTES BUCH / Zweites Kapitel|ZWEITES BUCH / Einundzwanzigstes Kapitel",
    ),
    (
        "\nCHAPITRE DIX-SEPTIÈME\n\n¶\n\nCHAPITRE DIX-HUITIÈME\n\n¶\n\nCHAPITRE QUATRE-VINGT-UNIÈME\n\n¶\n",
        "CHAPITRE DIX-SEPTIÈME|CHAPITRE DIX-HUITIÈME|CHAPITRE QUATRE-VINGT-UNIÈME",
    ),
    (
        "\nCapítulo vigésimo primero\n\n¶\n\nCapítulo vigésimo segundo\n\n¶\n\n",
        "Capítulo vigésimo primero|Capítulo vigésimo segundo",
    ),
    ("\nГлава двадцатая\n\n¶\n\nГлава двадцать первая\n\n¶\n\n", "Глава двадцатая|Глава двадцать первая"),
    (
        "\nالفصل الحادي عشر\n\n¶\n\nالفصل الثاني عشر\n\n¶\n\nالفصل العشرون\n\n¶\n\n",
        "الفصل الحادي عشر|الفصل الثاني عشر|الفصل العشرون",
    ),
    // Chinese, Japanese and Korean novels.
    (
        "\n楔子 风雪\n文\n卷一 少年\n第一章 开始\n文\n第二章中国\n文\n卷二 江湖\n第三章 归来\n文\n番外一\n文\n番外二 雪夜\n文\n",
        "楔子 风雪|卷一 少年 / 第一章 开始|卷一 少年 / 第二章中国|卷二 江湖 / 第三章 归来|卷二 江湖 / 番外一|卷二 江湖 / 番外二 雪夜",
    ),
    (
        "\n第一部分\n第一章 开始\n文\n第二章 结束\n文\n第二部分\n第三章 新的\n文\n第四章 完\n文\n",
        "第一部分 / 第一章 开始|第一部分 / 第二章 结束|第二部分 / 第三章 新的|第二部分 / 第四章 完",
    ),
    (
        "\n第一章 开始\n第一节\n文\n第二节\n文\n第二章 结束\n第一节\n文\n第三章 完\n文\n",
        "第一章 开始|第二章 结束|第三章 完",
    ),
    (
        "\n【第一章】 开始\n文\n【第二章】 结束\n文\n【第三章】 完\n文\n",
        "【第一章】 开始|【第二章】 结束|【第三章】 完",
    ),
    ("\n第一百章 山\n文\n第一零一章 水\n文\n第一〇二章 火\n文\n", "第一百章 山|第一零一章 水|第一〇二章 火"),
    (
        "\nプロローグ\n文\n第一話　出会い\n文\n2話 別れ\n文\nエピローグ\n文\n",
        "プロローグ|第一話　出会い|2話 別れ|エピローグ",
    ),
    (
        "\n제1부\n\n1장 시작\n\n¶\n\n2장 끝\n\n¶\n\n제2부\n\n3장 다시\n\n¶\n\n",
        "제1부 / 1장 시작|제1부 / 2장 끝|제2부 / 3장 다시",
    ),
];

#[test]
fn books_of_many_shapes_have_the_chapters_a_reader_would_name() {
    let wrong: Vec<String> = SHAPES
        .iter()
        .filter_map(|(shape, expected)| {
            let book = book(shape);
            let found = titles(&book).join("|").replace('\u{3000}', " ");
            (found != expected.replace('\u{3000}', " "))
                .then(|| format!("wanted {expected}\nfound  {found}\n({:?})", book.method))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
