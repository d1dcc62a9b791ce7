"""The same window in a browser, behind `epitome-cli serve`."""

import base64

from app import App
from browser import Browser
from place import SAMPLE, wait

DROP = """
const [name, coded] = arguments
const bytes = Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0))
const carried = new DataTransfer()
carried.items.add(new File([bytes], name))
for (const kind of ['dragenter', 'dragover', 'drop']) {
  document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }))
}
"""


def in_browser(bench):
    browser = Browser(bench.folder, App(bench.folder).env)
    bench.also(browser.stop)
    return browser, browser.start()


def test_a_book_is_dropped_summarised_and_read_in_a_browser(bench):
    browser, page = in_browser(bench)
    assert "token" not in page.run("return location.href"), "the token stays in the address"
    page.see("try-sample")
    page.run(DROP, "Alice.epub", base64.b64encode(SAMPLE.read_bytes()).decode())
    page.see_words("12 chapters", 60)
    page.click("preview-start", 30)
    page.see("chapter-grid", 30)
    wait("the job is done", lambda: page.state("job-state") == "done", 60)
    page.click("read-book")
    page.click_chapter(1)
    assert len(page.see("chapter-summary")) > 300
    # A reload begins with the whole state again, without a token.
    page.open(page.run("return location.href"))
    page.see("chapter-summary", 30)


def test_a_browser_without_the_token_is_shown_nothing(bench):
    browser, page = in_browser(bench)
    stranger = browser.url.split("?")[0]
    answer = page.run(
        """const ask = new XMLHttpRequest()
           ask.open('GET', arguments[0], false)
           ask.send()
           return [ask.status, ask.responseText]""",
        stranger + "api/ping",
    )
    assert answer == [200, "epitome"], answer
    page.ask("cookie", method="DELETE")
    page.open(stranger)
    page.see_words("Open the whole address that Epitome printed")
    assert not page.has("rail-library")
