"""The empty library, files that are no books, and life without Ollama."""

from drag import Drag
from place import FIXTURES, wait


def test_empty_library_explains_itself_and_offers_the_sample(bench):
    page = bench.open()
    page.see("try-sample")
    words = page.body()
    assert "Drop a book here" in words and "EPUB" in words, words
    assert not page.all("try-sample")[0]["disabled"]
    assert not page.has("fatal")


def test_a_file_that_is_no_book_is_refused_with_a_sentence(bench):
    page = bench.open()
    page.see("try-sample")
    with Drag([FIXTURES / "binary.txt"]) as drag:
        page.see("drop-overlay")
        drag.drop()
        words = page.see("refused")
        assert "binary.txt" in words and "is not a book" in words, words
        assert "Add an EPUB, a PDF, a Word document (DOCX), a Kindle book" in words, words
        assert not page.has("drop-overlay"), "the veil stays after the drop"
    assert not page.has("preview-start"), "a refused file can be started"
    page.click("preview-cancel")
    wait("the dialog is closed", lambda: not page.has("preview"))
    page.see("try-sample")


def test_without_ollama_the_sample_is_summarised_and_the_window_says_by_whom(bench):
    page = bench.open()
    page.see_words("Ollama does not answer")
    page.see_words("built-in summariser")
    page.click("try-sample")
    page.see("chapter-grid", 30)
    wait("the job is done", lambda: page.state("job-state") == "done", 60)
    assert "built-in summariser, no model" in page.body()
    page.click("read-book")
    page.see("book-chapter")
    page.click_chapter(1)
    assert "Written by the built-in summariser, without a model." in page.see("built-in-note")
    assert len(page.see("chapter-summary")) > 300
    page.click("rail-library")
    wait("the shelf says by whom", lambda: "built-in" in page.text("book-card"))
