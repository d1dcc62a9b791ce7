"""Starting the program with files."""

import gzip
import subprocess
from concurrent.futures import ThreadPoolExecutor

from app import App
from place import FIXTURES, ROOT, SAMPLE, wait

# As the plugin for a single instance makes it of the program's identifier.
NAME = "app.epitome.desktop.SingleInstance"
# Bytes of everything a page loads, gzipped.
BUNDLE = 300_000


def test_pages_are_small(_):
    files = [file for file in (ROOT / "ui" / "dist").rglob("*") if file.suffix in (".js", ".css", ".html")]
    sizes = {file.name: len(gzip.compress(file.read_bytes())) for file in files}
    assert "index.html" in sizes and 0 < sum(sizes.values()) <= BUNDLE, sizes


def test_a_second_start_hands_its_file_to_the_first_window(bench):
    page = bench.open()
    page.see("try-sample")
    first = bench.app.pid()
    assert bench.app.second_start(SAMPLE) == 0
    words = wait("the first window offers the book", lambda: page.has("preview-start") and page.text("preview"))
    assert "Alice" in words, words
    assert bench.app.pid() == first
    page.click("preview-add")
    wait("the book is on the shelf", lambda: "Alice" in page.text("book-card"))
    page.see_words("1 book ·")


def test_a_first_start_offers_the_files_it_was_given(bench):
    bench.app = App(bench.folder)
    page = bench.app.start(SAMPLE)
    words = wait("the book is offered", lambda: page.has("preview-start") and page.text("preview"))
    assert "Alice" in words, words


def is_taken():
    """Whether a program holds the name by which a second start finds the first."""
    ask = ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"]
    ask += ["org.freedesktop.DBus.NameHasOwner", f"string:{NAME}"]
    return "boolean true" in subprocess.run(ask, capture_output=True, text=True, check=True).stdout


def test_a_second_start_before_the_page_is_there_loses_nothing(bench):
    bench.app = App(bench.folder)

    def early():
        wait("the first start is known to others", is_taken, 40, 0.005)
        return bench.app.second_start(FIXTURES / "chapters.txt")

    with ThreadPoolExecutor() as beside:
        second = beside.submit(early)
        page = bench.app.start(FIXTURES / "chapters.md")
        assert second.result() == 0
    wait("both books are offered", lambda: len(page.all("offer")) == 2)
