"""Starting the program with files."""

from place import SAMPLE, wait


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
