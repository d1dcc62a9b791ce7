use super::*;

fn style(text: &str) -> Option<(Style, Option<u32>)> {
    line(text).map(|line| (line.style, line.number))
}

#[test]
fn chapter_headings_of_many_languages_are_known() {
    let chapters = [
        ("Chapter 12", 12),
        ("CHAPTER XII.", 12),
        ("Chapter the First", 1),
        ("CHAPTER I. Down the Rabbit-Hole", 1),
        ("CHAPTER 56. Of the Less Erroneous Pictures of Whales, and the True Pictures of Whaling Scenes.", 56),
        ("Chapter Twenty-One: The Storm", 21),
        ("Kapitel 3", 3),
        ("Erstes Kapitel", 1),
        ("1. Kapitel", 1),
        ("CHAPITRE PREMIER", 1),
        ("Chapitre XXI — Le Départ", 21),
        ("Capítulo segundo", 2),
        ("CAPITOLO III", 3),
        ("Capítulo 4", 4),
        ("ГЛАВА V", 5),
        ("Глава первая", 1),
        ("第十二章 标题", 12),
        ("第3話", 3),
        ("第一回 甄士隐梦幻识通灵", 1),
        ("제1장 시작", 1),
        ("1장", 1),
        ("1장. 데비안에 오신 것을 환영합니다", 1),
        ("الفصل الأول", 1),
        ("الفصل ١٢", 12),
        ("Letter 4", 4),
        ("STAVE ONE", 1),
        ("第１章　はじまり", 1),
        ("**Chapter 7**", 7),
        ("Chapter 3 The Best", 3),
        ("Ch. 12", 12),
        ("chapter 1", 1),
        ("chapter iv: the storm", 4),
        ("Chapter Zero", 0),
        ("[Chapter 1]", 1),
        ("[Chapter 2] The Storm", 2),
        ("--- Chapter 1 ---", 1),
        ("【第一章】", 1),
        ("【第一章】 开始", 1),
        ("第一章中国", 1),
        ("第二章合作", 2),
        ("第一零一章 水", 101),
        ("12話", 12),
        ("3章　はじまり", 3),
        ("Scene II. A room in the castle.", 2),
        ("الفصل الحادي عشر", 11),
    ];
    for (text, number) in chapters {
        assert_eq!(style(text), Some((Style::Word(Level::Chapter), Some(number))), "{text}");
    }
    for (text, level) in [
        ("PART ONE", Level::Part),
        ("Zweiter Teil", Level::Part),
        ("BOOK II: 1805", Level::Book),
        ("第二卷 风起", Level::Volume),
        ("卷一", Level::Volume),
        ("卷三 风起", Level::Volume),
        ("上卷", Level::Volume),
        ("第二部分", Level::Part),
        ("第二部分 归来", Level::Part),
        ("Arc 3", Level::Part),
        ("Section I", Level::Section),
        ("第一节", Level::Section),
        ("Часть первая", Level::Part),
        ("Première partie", Level::Part),
    ] {
        assert_eq!(style(text).map(|found| found.0), Some(Style::Word(level)), "{text}");
    }
}

#[test]
fn names_and_numbers_alone_are_known() {
    for text in [
        "Prologue",
        "EPILOGUE",
        "Etymology.",
        "EXTRACTS (Supplied by a Sub-Sub-Librarian).",
        "Second Epilogue",
        "Appendix A",
        "Interlude: The Boy",
        "Appendix A. Installation Howto",
        "Interlude 2: Rain",
        "付録A インストール Howto",
        "付録B",
        "Appendix\u{A0}B.\u{A0}Random Bits",
        "Vorwort",
        "楔子",
        "楔子 风雪",
        "番外一",
        "番外篇3 雪夜",
        "Эпилог",
        "プロローグ",
        "프롤로그",
        "خاتمة",
    ] {
        assert_eq!(style(text).map(|found| found.0), Some(Style::Named), "{text}");
    }
    assert_eq!(style("XII"), Some((Style::BareRoman, Some(12))));
    assert_eq!(style("- 7 -"), Some((Style::BareDigits, Some(7))));
    assert_eq!(style("1. The Beginning"), Some((Style::Digits, Some(1))));
    assert_eq!(style("IV. A SCANDAL"), Some((Style::Roman, Some(4))));
    for (text, number) in [("12 — The Storm", 12), ("1 - Title", 1), ("1 The Boy", 1)] {
        assert_eq!(style(text), Some((Style::Digits, Some(number))), "{text}");
    }
    assert_eq!(style("三、风起"), Some((Style::Roman, Some(3))));
    assert_eq!(style("CONTENTS."), Some((Style::LeftOut(LeftOutKey::Contents), None)));
}

#[test]
fn sentences_that_begin_like_headings_are_none() {
    let decoys = [
        "Chapter 3 was the best.",
        "Chapter Two, which he had read twice, lay open.",
        "Part of the plan",
        "Part one of the plan failed.",
        "chapter by chapter",
        "Book two tickets",
        "第三章里，他终于明白了。",
        "第一节课开始了",
        "第二部分讲的是战争。",
        "第二章中他说",
        "第三章里",
        "上卷完",
        "3章を読んだ",
        "chapter 3 was the best.",
        "chapter 3, and then",
        "chapter three",
        "letter 4",
        "ch. 3 of the book",
        "[1] A note",
        "12 Monkeys were seen in the garden",
        "1 – he went on",
        "Section 3 of the act applies.",
        "番外一就这样结束了。",
        "楔子 他说，好。",
        "Глава 3 была лучшей.",
        "Chapter 5 of the book is missing.",
        "1.2 Scope",
        "Letter 4 came on Monday.",
        "One day he left.",
        "I am here.",
        "Kapitel 3 war das beste.",
        "In chapter 3 he dies.",
        "Chapter Two. That was where he had stopped reading the book.",
        "3. and then the eggs;",
        "Epilogue was never his word.",
        "3장을 읽었다",
        "제3장 그는 집으로 갔다.",
        "付録に書いた",
        "* 1. Scope of This Document",
        "- Chapter 3",
        "Abschnitt 1.6, „Unix-ähnliche Dateien“, sagt mehr.",
        "Section 9.4.15, “The kernel parameters”",
        "Appendix C, Partitioning for Debian. If you are unsure",
    ];
    for text in decoys {
        assert_eq!(line(text), None, "{text}");
    }
}
