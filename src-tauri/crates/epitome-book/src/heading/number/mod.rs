//! Numbers as headings write them: digits of any script, roman, Chinese, and words of twelve languages. For the
//! heading rules.

mod words;

use words::leading_words;

/// A number at the start of `text` in any form, and the bytes it takes.
pub fn leading(text: &str) -> Option<(u32, usize)> {
    let run = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    let word = &text[..run];
    if let Some(value) = digits(word).or_else(|| roman(word)).or_else(|| chinese(word)) {
        return Some((value, run));
    }
    leading_words(text)
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

/// Digits of numbers in Chinese characters, by value.
const CHINESE: [&str; 10] = ["〇零", "一壱壹", "二两兩弐貳", "三参叁", "四", "五", "六", "七", "八", "九"];

/// A number in Chinese or Japanese characters, such as `三百二十一`, `一二〇` or `一零一`.
pub fn chinese(word: &str) -> Option<u32> {
    if word.is_empty() || word.chars().count() > 9 {
        return None;
    }
    let (mut total, mut unit) = (0_u32, 0_u32);
    let digits = !word.contains(['十', '百', '千', '廿', '卅']);
    for c in word.chars() {
        let value = (0..).zip(CHINESE).find(|(_, digits)| digits.contains(c)).map(|(value, _)| value);
        unit = match (value, c) {
            (Some(value), _) if digits => unit * 10 + value,
            (Some(value), _) => value,
            (None, '十' | '百' | '千' | '廿' | '卅') => {
                let step = match c {
                    '十' => 10,
                    '廿' => 20,
                    '卅' => 30,
                    '百' => 100,
                    _ => 1000,
                };
                total += unit.max(1) * step;
                0
            }
            _ => return None,
        };
    }
    Some(total.saturating_add(unit)).filter(|value| *value < 100_000)
}

#[cfg(test)]
mod tests;
