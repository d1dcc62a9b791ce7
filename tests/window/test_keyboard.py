"""The main job by keyboard only: no mouse, and no click by script."""

import json

from place import SAMPLE, wait
from sim import Sim
from test_whole import save_as

TAB, ENTER, SPACE, ESCAPE, DOWN, CONTROL, SHIFT = "\ue004", "\ue007", "\ue00d", "\ue00c", "\ue015", "\ue009", "\ue008"
# The test id of what has the focus, or of the nearest thing around it that has one.
FOCUS = "return document.activeElement?.closest('[data-testid]')?.dataset.testid ?? ''"
SEEN = """const box = document.activeElement.getBoundingClientRect()
const style = getComputedStyle(document.activeElement)
return box.width > 0 && box.height > 0 && (style.outlineStyle !== 'none' || style.boxShadow !== 'none')"""


def tab_to(page, testid, most=60, back=False):
    """Presses Tab until it has the focus; what has it must be seen to have it."""
    passed = []
    for _ in range(most):
        passed.append(page.run(FOCUS))
        if page.run(FOCUS) == testid:
            assert page.run(SEEN), f"it cannot be seen that “{testid}” has the focus"
            return
        page.chord(SHIFT, TAB) if back else page.type(TAB)
    raise AssertionError(f"Tab does not reach “{testid}”; it passes {passed}")


def test_a_book_is_summarised_read_and_exported_by_keyboard_only(bench):
    with Sim(bench.sim_log, 0.05) as sim:
        page = bench.open(sim.address)
        page.see("try-sample")
        tab_to(page, "try-sample")
        page.type(ENTER)
        page.see("chapter-grid", 30)
        tab_to(page, "pause")
        page.type(SPACE)
        wait("it is paused", lambda: page.state("job-state") == "paused", 30)
        tab_to(page, "resume")
        page.type(SPACE)
        wait("it is done", lambda: page.state("job-state") == "done", 90)

        # A chapter from its cell.
        tab_to(page, "chapter-grid")
        page.type(ENTER)
        first = page.see("chapter-summary")
        tab_to(page, "chapter-list")
        page.type(DOWN + ENTER)
        wait("the next chapter is shown", lambda: page.text("chapter-summary") not in ("", first))

        tab_to(page, "book-more")
        page.type(ENTER)
        page.see("export-json")
        page.type(ESCAPE)
        wait("the menu is closed", lambda: not page.has("export-json"))
        wait("the focus is where it was", lambda: page.run(FOCUS) == "book-more")
        page.type(ENTER)
        page.see("export-json")
        for _ in range(20):
            if page.run(FOCUS) == "export-json":
                break
            page.type(DOWN)
        page.type(ENTER)
        path = bench.folder / "by keyboard.json"
        save_as(path)
        wait("the file is written", lambda: path.exists() and path.stat().st_size > 0)
        assert len(json.loads(path.read_text("utf-8"))["chapters"]) >= 10

        page.chord(CONTROL, "k")
        page.see("palette")
        page.type("tries of a call" + ENTER)
        wait("the setting has the focus", lambda: page.run("return document.activeElement.id") == "set-llm.attempts")
        page.chord(CONTROL, "a")
        page.type("7" + TAB)
        wait("it is taken", lambda: "back to the default" in page.run(
            "return document.querySelector('[data-key=\"llm.attempts\"]').innerText"))


def test_a_preview_is_changed_and_left_by_keyboard_only(bench):
    page = bench.open()
    page.see("try-sample")
    bench.app.second_start(SAMPLE)
    page.see("preview-start", 60)
    wait("the likeliest answer has the focus", lambda: page.run(FOCUS) == "preview-start")
    tab_to(page, "section-menu", back=True)
    page.type(ENTER)
    page.see("section-rename")
    page.type(ESCAPE)
    wait("the menu is closed", lambda: not page.has("section-rename"))
    assert page.has("preview"), "Escape closed more than the menu"
    page.type(ESCAPE)
    wait("the preview is closed", lambda: not page.has("preview"))
    assert page.has("try-sample"), "nothing was added"
