use super::*;

#[test]
fn numbers_are_read_in_every_form() {
    let cases = [
        ("12", 12),
        ("XII", 12),
        ("xiv", 14),
        ("Zero", 0),
        ("twenty-one", 21),
        ("Twenty One", 21),
        ("TWELFTH", 12),
        ("one hundred and five", 105),
        ("einundzwanzigstes", 21),
        ("Zweites", 2),
        ("DREISSIGSTES", 30),
        ("hundertzwanzigstes", 120),
        ("trente et un", 31),
        ("DIX-SEPTIEME", 17),
        ("vinte e dois", 22),
        ("VIGÉSIMO PRIMERO", 21),
        ("décima segunda", 12),
        ("двадцать первая", 21),
        ("сто двадцатая", 120),
        ("الأول", 1),
        ("الحادي عشر", 11),
        ("الحادي والعشرون", 21),
        ("eenentwintigste", 21),
        ("十二", 12),
        ("三百二十一", 321),
        ("一二〇", 120),
        ("一零一", 101),
        ("一百零八", 108),
        ("廿三", 23),
        ("１２", 12),
        ("١٢", 12),
        ("CXXXV", 135),
        ("soixante", 60),
    ];
    for (text, value) in cases {
        assert_eq!(leading(text), Some((value, text.len())), "{text}");
    }
}

#[test]
fn words_that_only_look_like_numbers_are_none() {
    for text in ["Mild", "IIII", "VX", "civic", "Chapter", "", "12345", "第", "Xi"] {
        assert_eq!(leading(text), None, "{text}");
    }
    assert_eq!(leading("One Two"), Some((1, 3)), "two numbers are not one");
}

/// Every number to 120 as a language writes it, told by rules that are not those of the reader.
#[test]
fn every_number_is_read_in_every_language() {
    let spellers: [fn(usize) -> String; 12] = [
        english,
        english_ordinal,
        french,
        french_ordinal,
        spanish,
        spanish_ordinal,
        portuguese,
        portuguese_ordinal,
        russian,
        arabic,
        chinese_words,
        chinese_digits,
    ];
    for (language, spell) in spellers.iter().enumerate() {
        for value in 1..=120 {
            let text = spell(value);
            let expected = u32::try_from(value).ok().map(|value| (value, text.len()));
            assert_eq!(leading(&text), expected, "{language}: {text}");
        }
    }
}

fn word(list: &str, at: usize) -> &str {
    list.split(' ').nth(at).unwrap()
}

/// A number from its words below twenty and its tens, joined so; the words above a hundred behind `hundred`.
fn composed(value: usize, small: &str, tens: &str, [join, hundred]: [&str; 2]) -> String {
    match value {
        0..20 => word(small, value).to_owned(),
        20..100 if value.is_multiple_of(10) => word(tens, value / 10).to_owned(),
        20..100 => format!("{}{join}{}", word(tens, value / 10), word(small, value % 10)),
        100 => hundred.trim().to_owned(),
        _ => format!("{hundred}{}", composed(value - 100, small, tens, [join, hundred])),
    }
}

const ENGLISH: &str = "0 one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen";
const ENGLISH_TENS: &str = "0 1 twenty thirty forty fifty sixty seventy eighty ninety";

fn english(value: usize) -> String {
    match value {
        101.. => format!("one hundred and {}", english(value - 100)),
        100 => "one hundred".to_owned(),
        _ => composed(value, ENGLISH, ENGLISH_TENS, ["-", ""]),
    }
}

fn english_ordinal(value: usize) -> String {
    const LAST: &str = "0 first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth";
    match value {
        101.. => format!("one hundred and {}", english_ordinal(value - 100)),
        100 => "one hundredth".to_owned(),
        20.. if value.is_multiple_of(10) => english(value).replace("ty", "tieth"),
        20.. => format!("{}-{}", word(ENGLISH_TENS, value / 10), word(LAST, value % 10)),
        _ => word(LAST, value).to_owned(),
    }
}

fn french(value: usize) -> String {
    const SMALL: &str = "0 un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf";
    const TENS: &str = "0 1 vingt trente quarante cinquante soixante";
    match value {
        101.. => format!("cent {}", french(value - 100)),
        100 => "cent".to_owned(),
        80 => "quatre-vingts".to_owned(),
        81.. => format!("quatre-vingt-{}", word(SMALL, value - 80)),
        71 => "soixante et onze".to_owned(),
        60..80 if value > 60 && value != 61 => format!("soixante-{}", word(SMALL, value - 60)),
        20.. if value % 10 == 1 => format!("{} et un", word(TENS, value / 10)),
        _ => composed(value, SMALL, TENS, ["-", ""]),
    }
}

fn french_ordinal(value: usize) -> String {
    let whole = french(value);
    let stem =
        whole.strip_suffix('e').or_else(|| whole.strip_suffix("vingts").map(|_| "quatre-vingt")).unwrap_or(&whole);
    match value {
        1 => "premier".to_owned(),
        _ if stem.ends_with("cinq") => format!("{stem}uième"),
        _ if stem.ends_with("neuf") => format!("{}vième", &stem[..stem.len() - 1]),
        _ => format!("{stem}ième"),
    }
}

fn spanish(value: usize) -> String {
    const SMALL: &str = "0 uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve";
    const TWENTIES: &str =
        "veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve";
    const TENS: &str = "0 1 2 treinta cuarenta cincuenta sesenta setenta ochenta noventa";
    match value {
        20..30 => word(TWENTIES, value - 20).to_owned(),
        100 => "cien".to_owned(),
        101.. => format!("ciento {}", spanish(value - 100)),
        _ => composed(value, SMALL, TENS, [" y ", ""]),
    }
}

fn spanish_ordinal(value: usize) -> String {
    const SMALL: &str = "0 primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo undécimo duodécimo decimotercero decimocuarto decimoquinto decimosexto decimoséptimo decimoctavo decimonoveno";
    const TENS: &str =
        "0 1 vigésimo trigésimo cuadragésimo quincuagésimo sexagésimo septuagésimo octogésimo nonagésimo";
    composed(value, SMALL, TENS, [" ", "centésimo "])
}

fn portuguese(value: usize) -> String {
    const SMALL: &str = "0 um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete dezoito dezenove";
    const TENS: &str = "0 1 vinte trinta quarenta cinquenta sessenta setenta oitenta noventa";
    if value == 100 { "cem".to_owned() } else { composed(value, SMALL, TENS, [" e ", "cento e "]) }
}

fn portuguese_ordinal(value: usize) -> String {
    const SMALL: &str = "0 primeiro segundo terceiro quarto quinto sexto sétimo oitavo nono décimo décimo:primeiro décimo:segundo décimo:terceiro décimo:quarto décimo:quinto décimo:sexto décimo:sétimo décimo:oitavo décimo:nono";
    const TENS: &str =
        "0 1 vigésimo trigésimo quadragésimo quinquagésimo sexagésimo septuagésimo octogésimo nonagésimo";
    composed(value, SMALL, TENS, [" ", "centésimo "]).replace(':', " ")
}

fn russian(value: usize) -> String {
    const SMALL: &str = "0 первая вторая третья четвёртая пятая шестая седьмая восьмая девятая десятая одиннадцатая двенадцатая тринадцатая четырнадцатая пятнадцатая шестнадцатая семнадцатая восемнадцатая девятнадцатая";
    const TENS: &str = "0 1 двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто";
    const LAST: &str =
        "0 1 двадцатая тридцатая сороковая пятидесятая шестидесятая семидесятая восьмидесятая девяностая";
    match value {
        100 => "сотая".to_owned(),
        101.. => format!("сто {}", russian(value - 100)),
        20.. if value.is_multiple_of(10) => word(LAST, value / 10).to_owned(),
        _ => composed(value, SMALL, TENS, [" ", ""]),
    }
}

fn arabic(value: usize) -> String {
    const SMALL: &str = "0 الأول الثاني الثالث الرابع الخامس السادس السابع الثامن التاسع العاشر";
    const TENS: &str = "0 1 العشرون الثلاثون الأربعون الخمسون الستون السبعون الثمانون التسعون المئة";
    let unit = |value: usize| if value % 10 == 1 { "الحادي" } else { word(SMALL, value % 10) };
    match value {
        1..=10 => word(SMALL, value).to_owned(),
        11..20 => format!("{} عشر", unit(value)),
        101.. => format!("المئة و{}", arabic(value - 100)),
        _ if value.is_multiple_of(10) => word(TENS, value / 10).to_owned(),
        _ => format!("{} و{}", unit(value), word(TENS, value / 10)),
    }
}

const CHINESE_DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

fn chinese_words(value: usize) -> String {
    let digit = |value: usize| if value == 0 { "" } else { CHINESE_DIGITS[value] };
    match value {
        101..110 => format!("一百零{}", digit(value - 100)),
        110.. => format!("一百一{}", chinese_words(value - 100).trim_start_matches('一')),
        100 => "一百".to_owned(),
        20.. => format!("{}十{}", digit(value / 10), digit(value % 10)),
        10.. => format!("十{}", digit(value % 10)),
        _ => digit(value).to_owned(),
    }
}

fn chinese_digits(value: usize) -> String {
    value.to_string().chars().map(|c| CHINESE_DIGITS[c.to_digit(10).unwrap() as usize]).collect()
}
