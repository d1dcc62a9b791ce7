//! Web pages, rows of pages, and what goes between a reader's two processes.

use epitome_reader::{Answer, Request, Task};

use super::prose;

pub fn html() -> Vec<Vec<u8>> {
    let chapters: String = (1..4)
        .map(|number| {
            format!(
                "<h2 id='c{number}'>Chapter {number}</h2>\n<p>{}</p>\n<p>{}</p>\n",
                prose(number, 30),
                prose(number + 4, 20)
            )
        })
        .collect();
    let links: String = (1..4).map(|number| format!("<li><a href='#c{number}'>Chapter {number}</a>\n")).collect();
    let whole = format!(
        "<!DOCTYPE html><html lang='en'><head><title>The Long Road</title><meta name=author content='Ann Walker'><style>p {{}}</style><script>if (a < b) {{}}</script></head><body><h1>The Long Road</h1><ul>{links}</ul>{chapters}<!-- end --><pre>a  b\n c</pre><br>x</body></html>"
    );
    let named: String = (1..5)
        .map(|number| {
            format!(
                "<a name='n{number}'></a><b>CHAPTER {number}</b><p>{}<p>{}",
                prose(number, 30),
                prose(number + 9, 10)
            )
        })
        .collect();
    let old = format!(
        "<html><body><a href='#n1'>I</a><a href='#n2'>II</a><a href='#n3'>III</a><a href='#n4'>IV</a>{named}</body>"
    );
    let wide: Vec<u8> = format!("\u{FEFF}<html><body><p>{}</p></body></html>", prose(3, 60))
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let other =
        [&b"<html><meta charset=windows-1251><p>\xCF\xF0\xE8\xE2\xE5\xF2 "[..], prose(4, 40).as_bytes()].concat();
    vec![whole.into_bytes(), old.into_bytes(), wide, other]
}

/// Files one after another, each behind a line with its name.
pub fn pages() -> Vec<Vec<u8>> {
    let page = |number: usize| {
        format!(
            "=== {number}.html\n<html><body><h1 id='h'>Chapter {number}</h1><p>{}</p><h2 id='i'>Inner</h2><p>{}</p></body></html>\n",
            prose(number, 50),
            prose(number + 3, 30)
        )
    };
    let index = "=== index.html\n<html><nav epub:type='toc'><ol><li>Part I<ol><li><a href='1.html'>One</a></li><li><a href='2.html#i'>Two</a></li></ol></li><li><a href='3.html#h'>Three</a></li></ol></nav></html>\n";
    let text = format!("=== 4.txt\nChapter 4\n\n{}\n\nChapter 5\n\n{}\n", prose(8, 40), prose(9, 40));
    let (one, two, three) = (page(1), page(2), page(3));
    vec![
        format!("{index}{one}{two}{three}").into_bytes(),
        format!("{one}{two}{three}{text}").into_bytes(),
        format!("{index}{}", (0..12).map(page).collect::<String>()).into_bytes(),
        text.into_bytes(),
    ]
}

pub fn wire() -> Vec<Vec<u8>> {
    let request = Request { task: Task::Book, file_name: "ä.txt".to_owned(), bytes: 7, seconds: 20 };
    let mut seeds = vec![request.head().unwrap_or_default()];
    let text = super::text().swap_remove(0);
    for bytes in [text.as_slice(), b"", &super::epub()[5]] {
        let request = Request { bytes: bytes.len(), ..request.clone() };
        let mut written = Vec::new();
        if epitome_reader::answer(&request, bytes).write(&mut written).is_ok() {
            seeds.push(written);
        }
    }
    let mut outline = Vec::new();
    if Answer::Outline(epitome_book::pdf::Outline::default()).write(&mut outline).is_ok() {
        seeds.push(outline);
    }
    seeds
}
