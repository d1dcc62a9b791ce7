"""The main job from end to end: drop, preview, start, watch, read, export."""

from display import windows, xdo
from drag import Drag
from place import SAMPLE, wait
from sim import MODEL, Sim

# The mark that the simulated model leaves in everything it writes.
MARK = "[sim:"


def watch(page):
    """Follows the board to the job's end: the chapters done that were seen, and the different pictures of the vitals."""
    done, vitals = [], set()

    def over():
        cells = page.all("cell")
        number = sum(cell["state"] == "done" for cell in cells)
        if not done or done[-1] != number:
            done.append(number)
        vitals.add(page.text("board-vitals"))
        state = page.state("job-state")
        assert state in ("waiting", "running", "done"), f"the job is {state}"
        return state == "done"

    wait("the job is done", over, 90)
    return done, vitals


def test_a_dragged_book_is_previewed_watched_read_and_exported(bench):
    with Sim(bench.sim_log, 0.05) as sim:
        page = bench.open(sim.address)
        page.see_words(MODEL)
        with Drag([SAMPLE]) as drag:
            assert "Add 1 book" in page.see("drop-overlay")
            drag.drop()
            page.see("preview-start")
        words = page.text("preview")
        assert "Alice" in words and "Lewis Carroll" in words, words
        assert "%" in page.text("preview-coverage") and page.text("preview-estimate"), words
        page.click("preview-start")

        page.see("chapter-grid", 30)
        done, vitals = watch(page)
        states = [cell["state"] for cell in page.all("cell")]
        chapters = states.count("done")
        assert chapters >= 10 and set(states) <= {"done", "left_out"}, states
        assert done == sorted(done) and done[-1] == chapters, f"chapters done went {done} of {chapters}"
        assert len(done) >= 3, f"the cells did not fill one by one: {done}"
        assert len(vitals) >= 5, f"the vital signs hardly moved: {len(vitals)} pictures"
        assert f"of {chapters}" in page.text("vital-chapters")
        stats = sim.stats()
        assert stats["finished_again"] == 0 and stats["max_in_flight"] <= 6, stats

        page.click("read-book")
        page.see("book-chapter")
        wait("every chapter is shown as done", lambda: {one["state"] for one in page.all("book-chapter")} <= {"done", "left_out"})
        page.click_chapter(1)
        summary = page.see("chapter-summary")
        assert MARK in summary and MODEL in summary, summary
        assert "Alice" in page.see("chapter-source")

        path = bench.folder / "out put.md"
        page.click("export-markdown")
        save_as(path)
        wait("the file is written", lambda: path.exists() and path.stat().st_size > 0)
        page.see_words("Exported to")
        text = path.read_text("utf-8")
        assert text.startswith("# Alice") and "Lewis Carroll" in text, text[:300]
        headings = [line for line in text.splitlines() if line.startswith("### ")]
        assert len(headings) == chapters, headings
        # Brackets of a model's text are escaped in Markdown, where they would make a link.
        assert text.replace("\\", "").count(MARK) >= chapters, "summaries are missing"
        assert MODEL in text.replace("\\", "") and "100 %" in text, text[:600]


def save_as(path):
    """Answers GTK's own dialog as a person does: the whole path, then Enter."""
    dialog = "^Save( File)?$"
    window = wait("the dialog for saving is shown", lambda: windows(dialog))[-1]
    xdo("windowfocus", "--sync", window)
    xdo("key", "--clearmodifiers", "ctrl+a")
    xdo("type", "--clearmodifiers", "--delay", 15, str(path))
    xdo("key", "--clearmodifiers", "Return")
    wait("the dialog for saving is closed", lambda: not windows(dialog))
