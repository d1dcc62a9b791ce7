#!/usr/bin/env python3
"""Makes alice.epub from Project Gutenberg's text of eBook 11: `python3 make.py 11-0.txt`. Standard library only."""

import html
import pathlib
import re
import sys
import zipfile

HERE = pathlib.Path(__file__).parent
TITLE = "Alice’s Adventures in Wonderland"
PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="en" lang="en">
<head><title>{title}</title></head>
<body>
{body}
</body>
</html>
"""
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""


def text_of(raw: str) -> str:
    """The text between Project Gutenberg's marks, from the first chapter to the end."""
    raw = raw.replace("\ufeff", "").replace("\r\n", "\n")
    body = re.split(r"\n\*\*\* END OF", re.split(r"\*\*\* START OF[^\n]*\n", raw, maxsplit=1)[1], maxsplit=1)[0]
    body = re.split(r"\nEnd of Project Gutenberg", body, maxsplit=1)[0]
    return body[body.index("CHAPTER I."):]


def paragraph(block: str) -> str:
    """A paragraph, or verse and stars with their line ends kept."""
    lines = [line.rstrip() for line in block.strip("\n").split("\n")]
    escaped = html.escape(" ".join(line.strip() for line in lines), quote=False)
    if all(line.startswith("  ") for line in lines):
        escaped = "<br/>".join(html.escape(line.strip(), quote=False) for line in lines)
    return "<p>" + re.sub(r"\b_([^_]+)_\b", r"<em>\1</em>", escaped) + "</p>"


def chapters(text: str):
    for part in re.split(r"^(?=CHAPTER [IVX]+\.)", text, flags=re.M)[1:]:
        heading, body = part.split("\n", 1)
        number, name = re.match(r"CHAPTER ([IVX]+)\. (.*)", heading).groups()
        yield number, name.strip(), [block for block in re.split(r"\n\s*\n", body) if block.strip()]


def main() -> None:
    items = {"book/cover.xhtml": PAGE.format(
        title="Cover", body='<section epub:type="cover"><img src="cover.png" alt="Cover"/></section>')}
    items["book/title.xhtml"] = PAGE.format(
        title=TITLE, body=f'<section epub:type="titlepage"><h1>{TITLE}</h1>\n<p>Lewis Carroll</p></section>')
    nav = []
    for at, (number, name, blocks) in enumerate(chapters(text_of(pathlib.Path(sys.argv[1]).read_text("utf-8"))), 1):
        title = f"{number}. {name}"
        body = f'<section epub:type="chapter"><h2>{html.escape(title, quote=False)}</h2>\n'
        items[f"book/chapter-{at:02}.xhtml"] = PAGE.format(
            title=title, body=body + "\n".join(map(paragraph, blocks)) + "\n</section>")
        nav.append((f"chapter-{at:02}.xhtml", title))
    assert len(nav) == 12, len(nav)
    lines = "\n".join(f'<li><a href="{file}">{html.escape(title, quote=False)}</a></li>' for file, title in nav)
    items["book/nav.xhtml"] = PAGE.format(
        title="Contents", body=f'<nav epub:type="toc"><h2>Contents</h2>\n<ol>\n{lines}\n</ol></nav>')
    files = ["cover.xhtml", "title.xhtml"] + [file for file, _ in nav]
    manifest = "\n".join(f'<item id="i{at}" href="{file}" media-type="application/xhtml+xml"/>' for at, file in enumerate(files))
    spine = "\n".join(f'<itemref idref="i{at}"/>' for at in range(len(files)))
    items["book/package.opf"] = f"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">https://www.gutenberg.org/ebooks/11</dc:identifier>
<dc:title>{TITLE}</dc:title>
<dc:creator id="author">Lewis Carroll</dc:creator>
<meta refines="#author" property="role" scheme="marc:relators">aut</meta>
<dc:language>en</dc:language>
<dc:source>Project Gutenberg eBook 11, without its header and licence</dc:source>
<dc:rights>Public domain</dc:rights>
<meta property="dcterms:modified">2026-01-01T00:00:00Z</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="cover" href="cover.png" media-type="image/png" properties="cover-image"/>
{manifest}
</manifest>
<spine>
{spine}
</spine>
</package>
"""
    with zipfile.ZipFile(HERE / "alice.epub", "w") as book:
        def put(name: str, content, method=zipfile.ZIP_DEFLATED) -> None:
            # A fixed date makes the same file of the same text.
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            book.writestr(info, content, method, compresslevel=9 if method else None)
        put("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        put("META-INF/container.xml", CONTAINER)
        put("book/cover.png", (HERE / "cover.png").read_bytes(), zipfile.ZIP_STORED)
        for name, content in items.items():
            put(name, content)


if __name__ == "__main__":
    main()
