//! Changes to the objects of a PDF; its table is written anew, so that engines follow it.

use super::Mutator;

/// Number and body.
type Object = (u32, Vec<u8>);

/// The objects, and the trailer.
fn objects(data: &[u8]) -> Option<(Vec<Object>, Vec<u8>)> {
    let find = |from: usize, what: &[u8]| {
        data.get(from..)?.windows(what.len()).position(|found| found == what).map(|at| from + at)
    };
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = find(at, b" 0 obj\n") {
        let digits = data[..start].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&data[start - digits..start]).ok()?.parse().ok()?;
        let body = start + 7;
        let end = find(body, b"\nendobj")?;
        found.push((number, data[body..end].to_vec()));
        at = end;
    }
    let start = find(at, b"trailer")? + 7;
    let end = find(start, b"startxref")?;
    (!found.is_empty()).then(|| (found, data[start..end].to_vec()))
}

fn packed(objects: &[Object], trailer: &[u8]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
    for (number, body) in objects {
        table += &format!("{number} 1\n{:010} 00000 n \n", out.len());
        out.extend(format!("{number} 0 obj\n").bytes());
        out.extend(body);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    out.extend(table.bytes());
    out.extend(b"trailer");
    out.extend(trailer);
    out.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    out
}

/// The length that a stream's dictionary states, put right.
fn right_length(body: Vec<u8>) -> Vec<u8> {
    let place = |what: &[u8]| body.windows(what.len()).position(|found| found == what);
    let (Some(length), Some(stream)) = (place(b"/Length "), place(b">>stream\n")) else { return body };
    let digits = body[length + 8..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let end = body.windows(10).rposition(|found| found == b"\nendstream").unwrap_or(body.len());
    let content = end.saturating_sub(stream + 9);
    [&body[..length + 8], content.to_string().as_bytes(), &body[length + 8 + digits..]].concat()
}

impl Mutator<'_> {
    /// A PDF with objects changed, exchanged, doubled or taken out; `None` if `data` is none written here.
    pub fn pdf(&mut self, data: &[u8]) -> Option<Vec<u8>> {
        let (mut objects, mut trailer) = objects(data)?;
        for _ in 0..=self.random.below(3) {
            let count = objects.len();
            let (which, other) = (self.random.below(count), self.random.below(count));
            match self.random.below(14) {
                0 if count > 1 => {
                    objects.remove(which);
                }
                1 => {
                    let body = objects[other].1.clone();
                    objects[which].1 = body;
                }
                2 => {
                    let number = objects[other].0;
                    objects[which].0 = number;
                }
                3 => trailer = self.bytes(&trailer),
                4 => self.refer(&mut objects[which].1),
                _ => {
                    let body = self.bytes(&objects[which].1);
                    objects[which].1 = if self.one_in(4) { body } else { right_length(body) };
                }
            }
        }
        Some(packed(&objects, &trailer))
    }

    /// Lets a reference lead to another object.
    fn refer(&mut self, body: &mut Vec<u8>) {
        let places: Vec<usize> =
            body.windows(4).enumerate().filter(|(_, found)| *found == b" 0 R").map(|(at, _)| at).collect();
        let Some(&end) = self.random.pick(&places) else { return };
        let digits = body[..end].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let number = self.random.below(14).to_string();
        body.splice(end - digits..end, number.bytes());
    }
}
