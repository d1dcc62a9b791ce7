//! Numbers in words, from one to a hundred and ninety-nine, in the languages that chapters are found in. For `number`.

use std::collections::HashMap;
use std::sync::OnceLock;

/// Number words by value; `/` separates forms. `-` at the end stands for any ending of a German adjective, `~` for the
/// two genders of a Romance one, `^` for the three of a Russian one. Marks above letters do not matter.
const WORDS: &[(u32, &str)] = &[
    (0, "zero/null/cero/ноль/нулев^/nul/الصفر"),
    (
        1,
        "one/first/ein/eins/ein-/erste-/un/une/premier/première/unième/uno/una/primer/primer~/prim~/um/uma/primeir~/один/одна/перв^/первое/الأول/الأولى/الاول/الاولى/الحادي/الحادية/een/eerste",
    ),
    (
        2,
        "two/second/zwei/zweite-/deux/deuxième/seconde/dos/segund~/due/second~/dois/duas/два/две/втор^/второй/второе/الثاني/الثانية/twee/tweede",
    ),
    (
        3,
        "three/third/drei/dritte-/trois/troisième/tres/tercer/tercer~/tre/terz~/três/terceir~/три/третья/третий/третье/الثالث/الثالثة/drie/derde",
    ),
    (
        4,
        "four/fourth/vier/vierte-/quatre/quatrième/cuatro/cuart~/quattro/quart~/quatro/четыре/четверт^/الرابع/الرابعة/vierde",
    ),
    (5, "five/fifth/fünf/fünfte-/cinq/cinquième/cinco/quint~/cinque/пять/пят^/الخامس/الخامسة/vijf/vijfde"),
    (6, "six/sixth/sechs/sechste-/sixième/seis/sext~/sei/sest~/шесть/шест^/шестой/السادس/السادسة/zes/zesde"),
    (
        7,
        "seven/seventh/sieben/siebte-/siebente-/sept/septième/siete/séptim~/sette/settim~/sete/sétim~/семь/седьм^/седьмой/السابع/السابعة/zeven/zevende",
    ),
    (
        8,
        "eight/eighth/acht/achte-/huit/huitième/ocho/octav~/otto/ottav~/oito/oitav~/восемь/восьм^/восьмой/الثامن/الثامنة/achtste",
    ),
    (9, "nine/ninth/neun/neunte-/neuf/neuvième/nueve/noven~/nove/non~/девять/девят^/التاسع/التاسعة/negen/negende"),
    (10, "ten/tenth/zehn/zehnte-/dix/dixième/diez/décim~/dieci/dez/десять/десят^/العاشر/العاشرة/عشر/عشرة/tien/tiende"),
    (11, "eleven/eleventh/elf/elfte-/onze/onzième/once/undécim~/undici/undicesim~/одиннадцать/одиннадцат^/elfde"),
    (
        12,
        "twelve/twelfth/zwölf/zwölfte-/douze/douzième/doce/duodécim~/dodici/dodicesim~/doze/двенадцать/двенадцат^/twaalf/twaalfde",
    ),
    (
        13,
        "thirteen/thirteenth/dreizehn/dreizehnte-/treize/treizième/trece/decimotercer~/decimotercer/tredici/tredicesim~/treze/тринадцать/тринадцат^/dertien/dertiende",
    ),
    (
        14,
        "fourteen/fourteenth/vierzehn/vierzehnte-/quatorze/quatorzième/catorce/decimocuart~/quattordici/quattordicesim~/catorze/четырнадцать/четырнадцат^/veertien/veertiende",
    ),
    (
        15,
        "fifteen/fifteenth/fünfzehn/fünfzehnte-/quinze/quinzième/quince/decimoquint~/quindici/quindicesim~/пятнадцать/пятнадцат^/vijftien/vijftiende",
    ),
    (
        16,
        "sixteen/sixteenth/sechzehn/sechzehnte-/seize/seizième/dieciséis/decimosext~/sedici/sedicesim~/dezesseis/dezasseis/шестнадцать/шестнадцат^/zestien/zestiende",
    ),
    (
        17,
        "seventeen/seventeenth/siebzehn/siebzehnte-/diecisiete/decimoséptim~/diciassette/diciassettesim~/dezessete/dezassete/семнадцать/семнадцат^/zeventien/zeventiende",
    ),
    (
        18,
        "eighteen/eighteenth/achtzehn/achtzehnte-/dieciocho/decimoctav~/diciotto/diciottesim~/dezoito/восемнадцать/восемнадцат^/achttien/achttiende",
    ),
    (
        19,
        "nineteen/nineteenth/neunzehn/neunzehnte-/diecinueve/decimonoven~/decimonon~/diciannove/diciannovesim~/dezenove/dezanove/девятнадцать/девятнадцат^/negentien/negentiende",
    ),
    (
        20,
        "twenty/twentieth/zwanzig/zwanzigste-/vingt/vingts/vingtième/veinte/vigésim~/venti/ventesim~/vinte/двадцать/двадцат^/العشرون/العشرين/twintig/twintigste",
    ),
    (
        30,
        "thirty/thirtieth/dreißig/dreißigste-/trente/trentième/treinta/trigésim~/trenta/trentesim~/trinta/тридцать/тридцат^/الثلاثون/الثلاثين/dertig/dertigste",
    ),
    (
        40,
        "forty/fortieth/vierzig/vierzigste-/quarante/quarantième/cuarenta/cuadragésim~/quaranta/quarantesim~/quarenta/quadragésim~/сорок/сороков^/الأربعون/الأربعين/الاربعون/veertig/veertigste",
    ),
    (
        50,
        "fifty/fiftieth/fünfzig/fünfzigste-/cinquante/cinquantième/cincuenta/quincuagésim~/cinquanta/cinquantesim~/cinquenta/quinquagésim~/пятьдесят/пятидесят^/الخمسون/الخمسين/vijftig/vijftigste",
    ),
    (
        60,
        "sixty/sixtieth/sechzig/sechzigste-/soixante/soixantième/sesenta/sexagésim~/sessanta/sessantesim~/sessenta/шестьдесят/шестидесят^/الستون/الستين/zestig/zestigste",
    ),
    (
        70,
        "seventy/seventieth/siebzig/siebzigste-/septante/setenta/septuagésim~/settanta/settantesim~/семьдесят/семидесят^/السبعون/السبعين/zeventig/zeventigste",
    ),
    (
        80,
        "eighty/eightieth/achtzig/achtzigste-/octante/huitante/ochenta/octogésim~/ottanta/ottantesim~/oitenta/восемьдесят/восьмидесят^/الثمانون/الثمانين/tachtig/tachtigste",
    ),
    (
        90,
        "ninety/ninetieth/neunzig/neunzigste-/nonante/noventa/nonagésim~/novanta/novantesim~/девяносто/девяност^/التسعون/التسعين/negentig/negentigste",
    ),
    (
        100,
        "hundred/hundredth/hundert/hundertste-/cent/cents/centième/cien/ciento/centésim~/cento/centesim~/cem/сто/сот^/المئة/المائة/honderd/honderdste",
    ),
];

/// Words that join the words of one number.
const JOINERS: &[&str] = &["and", "et", "y", "e", "و"];
/// Words for ten that units follow: "dix-sept", "décimo primero".
const TENS_WITH_UNITS: &[&str] = &["dix", "decimo", "decima"];
/// Most words of one number.
const LONGEST: usize = 7;

/// Number words at the start of `text`, the longest that makes sense: value, and bytes they take.
pub fn leading_words(text: &str) -> Option<(u32, usize)> {
    let (mut total, mut end, mut at) = (None, 0, 0);
    let mut before = String::new();
    for _ in 0..LONGEST {
        let rest = &text[at..];
        let run = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let word = folded(&rest[..run]);
        if let Some(value) = value(&word) {
            let Some(sum) = sum(total, value, &before, &word) else { break };
            (total, end) = (Some(sum), at + run);
        } else if end == 0 || !JOINERS.contains(&word.as_str()) {
            break;
        }
        before = word;
        let gap =
            rest[run..].find(|c: char| !matches!(c, ' ' | '-' | '‐' | '‑' | '\u{A0}')).unwrap_or(rest.len() - run);
        if gap == 0 {
            break;
        }
        at += run + gap;
    }
    total.map(|total| (total, end))
}

/// The value of one word; Arabic writes "and" in one with what follows.
fn value(word: &str) -> Option<u32> {
    let values = values();
    values.get(word).or_else(|| values.get(word.strip_prefix('و')?)).copied()
}

/// A number with one word more; `None` where that is no number.
fn sum(total: Option<u32>, value: u32, before: &str, word: &str) -> Option<u32> {
    let Some(total) = total else { return Some(value) };
    let low = total % 100;
    let behind_hundred = total >= 100 && low == 0;
    match value {
        1..=9 if behind_hundred || low >= 20 && low % 10 == 0 => Some(total + value),
        1..=9 if low == 10 && TENS_WITH_UNITS.contains(&before) => Some(total + value),
        // "Soixante-dix", "quatre-vingt-douze".
        10..=19 if behind_hundred || low == 60 || low == 80 => Some(total + value),
        10 if (1..=9).contains(&low) && word.starts_with("عشر") => Some(total + value),
        20 if low == 4 && before == "quatre" => Some(total - 4 + 80),
        20..=90 if behind_hundred || (1..=9).contains(&low) && word.starts_with('و') => Some(total + value),
        100 if (1..=9).contains(&total) => Some(total * 100),
        _ => None,
    }
}

/// A word in small letters without marks above them, as capitals are often printed.
fn folded(word: &str) -> String {
    let plain = |c: char| match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ё' => 'е',
        'أ' | 'إ' => 'ا',
        _ => c,
    };
    word.to_lowercase().replace('ß', "ss").chars().map(plain).collect()
}

fn values() -> &'static HashMap<String, u32> {
    static TABLE: OnceLock<HashMap<String, u32>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = HashMap::new();
        let mut put = |word: &str, value: u32| {
            let stem = word.trim_end_matches(['-', '~', '^']);
            let ends: &[&str] = match word.chars().next_back() {
                Some('-') => &["", "r", "s", "n", "m"],
                Some('~') => &["o", "a"],
                Some('^') => &["ая", "ый", "ое", "ой", "ого"],
                _ => &[""],
            };
            for end in ends {
                table.entry(folded(&format!("{stem}{end}"))).or_insert(value);
            }
        };
        for (value, forms) in WORDS {
            forms.split('/').for_each(|word| put(word, *value));
        }
        german(&mut put);
        dutch(&mut put);
        italian(&mut put);
        for (unit, word) in (1..).zip(["ún", "dós", "trés", "cuatro", "cinco", "séis", "siete", "ocho", "nueve"]) {
            put(&format!("veinti{word}"), 20 + unit);
        }
        put("veintiuno", 21);
        put("veintiuna", 21);
        table
    })
}

/// German writes "einundzwanzig" and "hunderteinundzwanzigste" in one word.
fn german(put: &mut impl FnMut(&str, u32)) {
    const UNITS: [&str; 9] = ["ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"];
    const FIRST: [&str; 9] = ["erst", "zweit", "dritt", "viert", "fünft", "sechst", "siebt", "acht", "neunt"];
    const TEENS: [&str; 10] =
        ["zehn", "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"];
    const TENS: [&str; 8] = ["zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];
    for hundred in ["", "hundert", "einhundert"] {
        let above = if hundred.is_empty() { 0 } else { 100 };
        for ((unit, word), first) in (1..).zip(UNITS).zip(FIRST) {
            let word = if unit == 1 { "eins" } else { word };
            put(&format!("{hundred}{word}"), above + unit);
            put(&format!("{hundred}{first}e-"), above + unit);
        }
        for (teen, word) in (10..).zip(TEENS) {
            put(&format!("{hundred}{word}"), above + teen);
            put(&format!("{hundred}{word}te-"), above + teen);
        }
        for (ten, tens) in (2..).zip(TENS) {
            for (unit, word) in (0..).zip([""].into_iter().chain(UNITS)) {
                let joined = if unit == 0 { tens.to_owned() } else { format!("{word}und{tens}") };
                put(&format!("{hundred}{joined}"), above + ten * 10 + unit);
                put(&format!("{hundred}{joined}ste-"), above + ten * 10 + unit);
            }
        }
    }
    put("einhundert", 100);
    put("einhundertste-", 100);
}

fn dutch(put: &mut impl FnMut(&str, u32)) {
    const UNITS: [&str; 9] = ["eenen", "tweeën", "drieën", "vieren", "vijfen", "zesen", "zevenen", "achten", "negenen"];
    const TENS: [&str; 8] = ["twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"];
    for (ten, tens) in (2..).zip(TENS) {
        for (unit, word) in (1..).zip(UNITS) {
            put(&format!("{word}{tens}"), ten * 10 + unit);
            put(&format!("{word}{tens}ste"), ten * 10 + unit);
        }
    }
}

/// Italian joins all words of a number, and drops the vowel before "uno" and "otto".
fn italian(put: &mut impl FnMut(&str, u32)) {
    const SMALL: [&str; 20] = [
        "",
        "uno",
        "due",
        "tre",
        "quattro",
        "cinque",
        "sei",
        "sette",
        "otto",
        "nove",
        "dieci",
        "undici",
        "dodici",
        "tredici",
        "quattordici",
        "quindici",
        "sedici",
        "diciassette",
        "diciotto",
        "diciannove",
    ];
    const TENS: [&str; 8] = ["venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta"];
    let below_hundred = |value: usize| {
        if let 0..=19 = value {
            SMALL[value].to_owned()
        } else {
            let (ten, unit) = (TENS[value / 10 - 2], SMALL[value % 10]);
            let ten = if matches!(value % 10, 1 | 8) { &ten[..ten.len() - 1] } else { ten };
            format!("{ten}{unit}")
        }
    };
    for value in 1..200_u32 {
        let low = below_hundred(value as usize % 100);
        let word = if value < 100 { low } else { format!("cento{low}") };
        put(&word, value);
        // "Ventitré", "ventitreesimo", "ventiseiesimo"; others lose their last vowel.
        let whole = value % 10 == 3 && value % 100 != 13 || value % 10 == 6 && value % 100 != 16;
        let stem = if whole { &word[..] } else { &word[..word.len() - 1] };
        if value > 10 {
            put(&format!("{stem}esim~"), value);
        }
    }
}
