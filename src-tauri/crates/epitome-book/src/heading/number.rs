//! Numbers as headings write them: digits of any script, roman, Chinese, and words of twelve languages. For the
//! heading rules.

use std::collections::HashMap;
use std::sync::OnceLock;

/// Number words by value; `/` separates forms, `-` at the end means that any short ending may follow.
const WORDS: &[(u32, &str)] = &[
    (
        1,
        "one/first/ein-/erste-/un/une/premier/première/premiere/uno/una/primer/primero/primera/primo/prima/um/uma/primeiro/primeira/один/первая/первый/первое/الأول/الأولى/الاول/een/eerste",
    ),
    (
        2,
        "two/second/zwei/zweite-/deux/deuxième/second/seconde/dos/segundo/segunda/due/secondo/seconda/dois/duas/два/вторая/второй/второе/الثاني/الثانية/twee/tweede",
    ),
    (
        3,
        "three/third/drei/dritte-/trois/troisième/tres/tercer/tercero/tercera/tre/terzo/terza/três/terceiro/terceira/три/третья/третий/третье/الثالث/الثالثة/drie/derde",
    ),
    (
        4,
        "four/fourth/vier/vierte-/quatre/quatrième/cuatro/cuarto/cuarta/quattro/quarto/quarta/quatro/четыре/четвертая/четвёртая/четвертый/четвёртый/الرابع/الرابعة/vierde",
    ),
    (
        5,
        "five/fifth/fünf/fünfte-/cinq/cinquième/cinco/quinto/quinta/cinque/пять/пятая/пятый/пятое/الخامس/الخامسة/vijf/vijfde",
    ),
    (
        6,
        "six/sixth/sechs/sechste-/sixième/seis/sexto/sexta/sei/sesto/sesta/шесть/шестая/шестой/шестое/السادس/السادسة/zes/zesde",
    ),
    (
        7,
        "seven/seventh/sieben/siebte-/siebente-/sept/septième/siete/séptimo/séptima/sette/settimo/settima/sete/sétimo/sétima/семь/седьмая/седьмой/седьмое/السابع/السابعة/zeven/zevende",
    ),
    (
        8,
        "eight/eighth/acht/achte-/huit/huitième/ocho/octavo/octava/otto/ottavo/ottava/oito/oitavo/oitava/восемь/восьмая/восьмой/восьмое/الثامن/الثامنة/achtste",
    ),
    (
        9,
        "nine/ninth/neun/neunte-/neuf/neuvième/nueve/noveno/novena/nove/nono/nona/девять/девятая/девятый/девятое/التاسع/التاسعة/negen/negende",
    ),
    (
        10,
        "ten/tenth/zehn/zehnte-/dix/dixième/diez/décimo/décima/dieci/decimo/decima/dez/десять/десятая/десятый/десятое/العاشر/العاشرة/tien/tiende",
    ),
    (
        11,
        "eleven/eleventh/elf/elfte-/onze/onzième/once/undécimo/undécima/undici/undicesimo/undicesima/одиннадцать/одиннадцатая/одиннадцатый",
    ),
    (
        12,
        "twelve/twelfth/zwölf/zwölfte-/douze/douzième/doce/duodécimo/dodici/dodicesimo/dodicesima/doze/двенадцать/двенадцатая/двенадцатый/twaalf",
    ),
    (
        13,
        "thirteen/thirteenth/dreizehn/dreizehnte-/treize/treizième/trece/tredici/tredicesimo/treze/тринадцать/тринадцатая/тринадцатый/dertien",
    ),
    (
        14,
        "fourteen/fourteenth/vierzehn/vierzehnte-/quatorze/quatorzième/catorce/quattordici/quattordicesimo/catorze/четырнадцать/четырнадцатая/четырнадцатый/veertien",
    ),
    (
        15,
        "fifteen/fifteenth/fünfzehn/fünfzehnte-/quinze/quinzième/quince/quindici/quindicesimo/пятнадцать/пятнадцатая/пятнадцатый/vijftien",
    ),
    (
        16,
        "sixteen/sixteenth/sechzehn/sechzehnte-/seize/seizième/dieciséis/sedici/sedicesimo/dezesseis/шестнадцать/шестнадцатая/шестнадцатый/zestien",
    ),
    (
        17,
        "seventeen/seventeenth/siebzehn/siebzehnte-/diecisiete/diciassette/dezessete/семнадцать/семнадцатая/семнадцатый/zeventien",
    ),
    (
        18,
        "eighteen/eighteenth/achtzehn/achtzehnte-/dieciocho/diciotto/dezoito/восемнадцать/восемнадцатая/восемнадцатый/achttien",
    ),
    (
        19,
        "nineteen/nineteenth/neunzehn/neunzehnte-/diecinueve/diciannove/dezenove/девятнадцать/девятнадцатая/девятнадцатый/negentien",
    ),
    (
        20,
        "twenty/twentieth/zwanzig/zwanzigste-/vingt/vingtième/veinte/vigésimo/venti/ventesimo/vinte/двадцать/двадцатая/двадцатый/twintig",
    ),
    (
        30,
        "thirty/thirtieth/dreißig/dreißigste-/trente/trentième/treinta/trigésimo/trenta/trentesimo/trinta/тридцать/тридцатая/тридцатый/dertig",
    ),
    (40, "forty/fortieth/vierzig/vierzigste-/quarante/quarantième/cuarenta/quaranta/quarenta/сорок/сороковая/veertig"),
    (
        50,
        "fifty/fiftieth/fünfzig/fünfzigste-/cinquante/cinquantième/cincuenta/cinquanta/cinquenta/пятьдесят/пятидесятая/vijftig",
    ),
    (60, "sixty/sixtieth/sechzig/sechzigste-/soixante/sesenta/sessanta/sessenta/шестьдесят/zestig"),
    (70, "seventy/seventieth/siebzig/siebzigste-/setenta/settanta/семьдесят/zeventig"),
    (80, "eighty/eightieth/achtzig/achtzigste-/ochenta/ottanta/oitenta/восемьдесят/tachtig"),
    (90, "ninety/ninetieth/neunzig/neunzigste-/noventa/novanta/девяносто/negentig"),
    (100, "hundred/hundredth/hundert/cent/cien/cento/cem/сто/honderd"),
];

/// Words that join the words of one number.
const JOINERS: &[&str] = &["and", "et", "y", "e", "و"];

fn words() -> &'static HashMap<String, u32> {
    static TABLE: OnceLock<HashMap<String, u32>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = HashMap::new();
        let mut put = |word: &str, value: u32| match word.strip_suffix('-') {
            Some(stem) => ["", "r", "s", "n", "m"].iter().for_each(|end| {
                table.entry(format!("{stem}{end}")).or_insert(value);
            }),
            None => {
                table.entry(word.to_owned()).or_insert(value);
            }
        };
        for (value, forms) in WORDS {
            forms.split('/').for_each(|word| put(word, *value));
        }
        // German writes "einundzwanzig" in one word.
        let units = ["ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"];
        let tens = ["zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];
        for (ten, tens_word) in (2..).zip(tens) {
            for (unit, unit_word) in (1..).zip(units) {
                put(&format!("{unit_word}und{tens_word}"), ten * 10 + unit);
                put(&format!("{unit_word}und{tens_word}ste-"), ten * 10 + unit);
            }
        }
        // Italian and Spanish join some tens with their units too.
        for (unit, word) in [
            (1, "ventuno"),
            (2, "ventidue"),
            (3, "ventitré"),
            (8, "ventotto"),
            (1, "veintiuno"),
            (2, "veintidós"),
            (3, "veintitrés"),
        ] {
            put(word, 20 + unit);
        }
        table
    })
}

/// A number at the start of `text` in any form, and the bytes it takes.
pub fn leading(text: &str) -> Option<(u32, usize)> {
    let run = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    let word = &text[..run];
    if let Some(value) = digits(word).or_else(|| roman(word)).or_else(|| chinese(word)) {
        return Some((value, run));
    }
    leading_words(text)
}

/// Number words at the start of `text`, the longest that makes sense.
fn leading_words(text: &str) -> Option<(u32, usize)> {
    let (mut total, mut end, mut at) = (0, 0, 0);
    let mut smallest = u32::MAX;
    for _ in 0..5 {
        let rest = &text[at..];
        let run = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let word = rest[..run].to_lowercase();
        if let Some(&value) = words().get(&word) {
            let fits = total == 0
                || value < 10 && smallest >= 20
                || value < 100 && smallest == 100
                || value == 100 && total < 10;
            if !fits {
                break;
            }
            total = if value == 100 && total > 0 { total * 100 } else { total + value };
            (smallest, end) = (value, at + run);
        } else if end == 0 || !JOINERS.contains(&word.as_str()) {
            break;
        }
        let gap =
            rest[run..].find(|c: char| !matches!(c, ' ' | '-' | '‐' | '‑' | '\u{A0}')).unwrap_or(rest.len() - run);
        if gap == 0 {
            break;
        }
        at += run + gap;
    }
    (end > 0).then_some((total, end))
}

/// Decimal digits: ASCII, full-width, Arabic-Indic, Persian or Devanagari; at most four.
pub fn digits(word: &str) -> Option<u32> {
    if word.is_empty() || word.chars().count() > 4 {
        return None;
    }
    word.chars().try_fold(0, |value, c| Some(value * 10 + digit(c)?))
}

fn digit(c: char) -> Option<u32> {
    let zero =
        ['0', '０', '٠', '۰', '०'].into_iter().find(|zero| (*zero as u32..*zero as u32 + 10).contains(&(c as u32)))?;
    Some(c as u32 - zero as u32)
}

/// A roman number in its normal form, all capitals or all small letters, below 400.
pub fn roman(word: &str) -> Option<u32> {
    if let [c] = word.chars().collect::<Vec<_>>()[..]
        && ('Ⅰ'..='Ⅻ').contains(&c)
    {
        return Some(c as u32 - 'Ⅰ' as u32 + 1);
    }
    let one_case = word.bytes().all(|b| b.is_ascii_uppercase()) || word.bytes().all(|b| b.is_ascii_lowercase());
    if word.is_empty() || word.len() > 12 || !one_case {
        return None;
    }
    let value = |c: char| match c.to_ascii_uppercase() {
        'I' => Some(1),
        'V' => Some(5),
        'X' => Some(10),
        'L' => Some(50),
        'C' => Some(100),
        _ => None,
    };
    let values: Vec<i32> = word.chars().map(value).collect::<Option<_>>()?;
    let signed =
        |(at, this): (usize, &i32)| if values.get(at + 1).is_some_and(|next| next > this) { -this } else { *this };
    let total = u32::try_from(values.iter().enumerate().map(signed).sum::<i32>()).ok()?;
    (as_roman(total) == word.to_ascii_uppercase()).then_some(total)
}

fn as_roman(mut value: u32) -> String {
    const STEPS: &[(u32, &str)] =
        &[(100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")];
    if value >= 400 {
        return String::new();
    }
    let mut out = String::new();
    for (step, letters) in STEPS {
        while value >= *step {
            out.push_str(letters);
            value -= step;
        }
    }
    out
}

/// A number in Chinese or Japanese characters, such as `三百二十一` or `一二〇`.
pub fn chinese(word: &str) -> Option<u32> {
    if word.is_empty() || word.chars().count() > 9 {
        return None;
    }
    let (mut total, mut unit, mut positional) = (0_u32, 0_u32, true);
    for c in word.chars() {
        if let Some(value) = "〇一二三四五六七八九".chars().position(|d| d == c).and_then(|at| u32::try_from(at).ok())
        {
            unit = if positional && (unit > 0 || total > 0) { unit * 10 + value } else { value };
            continue;
        }
        let value = match c {
            '零' => 0,
            '两' | '兩' => 2,
            '十' | '百' | '千' => {
                let step = match c {
                    '十' => 10,
                    '百' => 100,
                    _ => 1000,
                };
                total += unit.max(1) * step;
                (unit, positional) = (0, false);
                continue;
            }
            '廿' => {
                total += 20;
                (unit, positional) = (0, false);
                continue;
            }
            _ => return None,
        };
        unit = value;
    }
    Some(total.saturating_add(unit)).filter(|value| *value < 100_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_form() {
        let cases = [
            ("12", 12),
            ("XII", 12),
            ("xiv", 14),
            ("twenty-one", 21),
            ("Twenty One", 21),
            ("TWELFTH", 12),
            ("one hundred and five", 105),
            ("einundzwanzigstes", 21),
            ("Zweites", 2),
            ("trente et un", 31),
            ("vinte e dois", 22),
            ("двадцать первая", 21),
            ("الأول", 1),
            ("十二", 12),
            ("三百二十一", 321),
            ("一二〇", 120),
            ("一百零八", 108),
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
    }
}
