"""The text of a book as another reader has it, and its processor seconds without its start: `books_peer.py FILE`."""

import json
import subprocess
import sys
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")


def epub(path: str):
    import ebooklib
    from bs4 import BeautifulSoup
    from ebooklib import epub

    def read() -> str:
        book = epub.read_epub(path)
        pages = [book.get_item_with_id(name) for name, _ in book.spine]
        # What the book counts among its documents, not the pictures that some name in their order.
        pages = [page for page in pages if page is not None and page.get_type() == ebooklib.ITEM_DOCUMENT]
        return "\n".join(BeautifulSoup(page.get_content(), "lxml").get_text("\n") for page in pages)

    return read


def docx(path: str):
    import docx

    def read() -> str:
        lines = []
        for part in docx.Document(path).iter_inner_content():
            if hasattr(part, "rows"):
                lines.extend(cell.text for line in part.rows for cell in line.cells)
            else:
                lines.append(part.text)
        return "\n".join(lines)

    return read


def kindle(path: str):
    import mobi
    from bs4 import BeautifulSoup

    def read() -> str:
        _, unpacked = mobi.extract(path)
        if unpacked.endswith(".epub"):
            return epub(unpacked)()
        return BeautifulSoup(Path(unpacked).read_bytes(), "lxml").get_text("\n")

    return read


def fb2(path: str):
    from lxml import etree

    def read() -> str:
        tree = etree.parse(path)
        bodies = tree.getroot().iter("{*}body")
        return "\n".join("\n".join(body.itertext()) for body in bodies)

    return read


def pdf(path: str):
    return lambda: subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout.decode()


def main() -> None:
    path = sys.argv[1]
    kinds = {".epub": epub, ".docx": docx, ".mobi": kindle, ".azw3": kindle, ".fb2": fb2, ".pdf": pdf}
    read = kinds[Path(path).suffix.lower()](path)
    began = time.process_time()
    text = read()
    print(json.dumps({"text": text, "cpu_s": time.process_time() - began}))


if __name__ == "__main__":
    main()
