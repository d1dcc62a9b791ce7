"""A run of 385 chapters under a person's hands, and a book that means harm."""

import re

from drag import Drag
from measure import book
from place import FIXTURES, wait
from sim import Sim

STATES = """const sum = {}
for (const cell of document.querySelectorAll('[data-testid=cell]')) sum[cell.dataset.state] = (sum[cell.dataset.state] ?? 0) + 1
return sum"""


def states(page):
    return page.run(STATES)


def begin(bench, sim, chapters, more=None):
    page = bench.open(sim.address, more)
    page.see("try-sample")
    bench.app.second_start(book(bench.folder / "road.txt", chapters, 40))
    page.click("preview-start", 60)
    page.see("chapter-grid", 60)
    return page


def choose(page, menu, entry):
    page.click(menu)
    page.click(entry)
    wait("the menu is closed", lambda: not page.has(entry))


def test_a_run_of_385_chapters_is_paused_gone_on_with_finished_and_retried(bench):
    # Each call is tried once, so that some chapters fail.
    with Sim(bench.sim_log, 0.03, "--faults", "error=0.03") as sim:
        page = begin(bench, sim, 385, {"EPITOME_ATTEMPTS": "1"})
        wait("chapters are done", lambda: states(page).get("done", 0) >= 20, 60)

        page.click("pause")
        wait("it is paused", lambda: page.state("job-state") == "paused", 30)
        wait("no call is under way", lambda: sim.stats()["in_flight"] == 0, 20)
        held = states(page)["done"]
        page.click("resume")
        wait("it goes on", lambda: states(page).get("done", 0) > held, 30)

        choose(page, "calls-menu", "calls-2")
        wait("two calls at a time", lambda: page.text("vital-in-flight").split("\n")[2].startswith("of 2"), 20)
        choose(page, "order-menu", "order-backwards")
        last = "return [...document.querySelectorAll('[data-testid=cell]')].at(-1).dataset.state"
        wait("the last chapter is done before its turn", lambda: page.run(last) in ("done", "failed"), 30)
        assert states(page).get("waiting", 0) + states(page).get("planned", 0) > 100, states(page)
        choose(page, "calls-menu", "calls-auto")

        choose(page, "stop", "stop-finish")
        wait("it stopped", lambda: page.state("job-state") == "stopped", 60)
        assert not {"mapping", "reducing", "titling"} & set(states(page)), states(page)
        page.click("resume")
        wait("it is over", lambda: page.state("job-state") == "incomplete", 120)
        failed = states(page)["failed"]
        assert states(page)["done"] + failed == 385 and failed > 0, states(page)

        stats = sim.stats()
        assert stats["finished_again"] == 0, "a finished call was made again"
        assert page.has("lanes") and page.has("chart-throughput")
        page.click("retry-failed")
        wait("fewer failed", lambda: states(page).get("failed", 0) < failed and page.state("job-state") in ("done", "incomplete"), 60)


def test_a_reload_in_the_middle_loses_nothing(bench):
    with Sim(bench.sim_log, 0.05) as sim:
        page = begin(bench, sim, 120)
        wait("chapters are done", lambda: states(page).get("done", 0) >= 10, 60)
        page.run("window.__before = true; location.reload()")
        wait("the page is a new one", lambda: page.run("return window.__before === undefined"), 30)
        page.see("chapter-grid", 30)
        wait("the board is whole", lambda: sum(states(page).values()) >= 120, 20)
        assert states(page)["done"] >= 10
        # The sentence of the lanes: “4 slots: 4 calls under way, 31 ended in the last two minutes.”
        sentence = "return document.querySelector('[data-testid=lanes-keys]')?.getAttribute('aria-label') ?? ''"
        ended = lambda: int((re.search(r"([\d,]+) ended", page.run(sentence)) or [0, "0"])[1].replace(",", ""))
        wait("the calls before are shown", lambda: ended() >= 10)
        wait("it is done", lambda: page.state("job-state") == "done", 120)


# What each of these would leave behind if it were taken for anything but text.
HARMS = """return { ran: window.__harm ?? null, scripts: document.querySelectorAll('main script, main iframe, main object').length,
  handlers: [...document.querySelectorAll('*')].filter((one) => one.getAttributeNames().some((name) => name.startsWith('on'))).length,
  links: [...document.querySelectorAll('a')].filter((one) => /^(javascript|data|file):/i.test(one.getAttribute('href') ?? '')).length,
  pictures: [...document.querySelectorAll('img, svg image, svg use')].filter((one) => /harm/.test(one.outerHTML)).length }"""
HARMLESS = {"ran": None, "scripts": 0, "handlers": 0, "links": 0, "pictures": 0}


def test_a_book_that_means_harm_changes_nothing_but_its_own_text(bench):
    page = bench.open()
    page.see("try-sample")
    with Drag([FIXTURES / "harm.txt"]) as drag:
        page.see("drop-overlay")
        drag.drop()
        page.see("preview-start")
    assert page.run(HARMS) == HARMLESS, "in the preview"
    page.click("preview-start")
    page.see("chapter-grid", 30)
    wait("it is done", lambda: page.state("job-state") == "done", 60)
    assert page.run(HARMS) == HARMLESS, "on the board"
    page.click("read-book")
    page.click_chapter(1)
    words = page.see("chapter-source")
    assert "<script>" in words and "javascript:" in words and "onerror" in words, words[:400]
    page.see("chapter-summary")
    assert page.run(HARMS) == HARMLESS, "in the book"
    # Nor could it: the page takes no script that is not its own.
    page.run("""const one = document.createElement('script')
                one.textContent = 'window.__harm = 1'
                document.body.append(one)
                const two = document.createElement('img')
                two.setAttribute('onerror', 'window.__harm = 2')
                two.src = 'data:image/png;base64,AAAA'
                document.body.append(two)""")
    wait("the picture was looked at", lambda: page.run("return document.images[document.images.length - 1].complete"))
    assert page.run("return window.__harm ?? null") is None, "the page runs what it is given"
    remote = """return fetch('http://example.com/').then(() => 'reached', (error) => 'refused')"""
    assert page.run(remote) == "refused"
    invoked = """return window.__TAURI_INTERNALS__.invoke('plugin:fs|read_text_file', { path: '/etc/passwd' })
                 .then(() => 'answered', () => 'refused')"""
    assert page.run(invoked) == "refused"
