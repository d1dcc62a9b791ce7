"""A WebDriver client: only what the tests need, with nothing but the standard library."""

import json
import urllib.error
import urllib.request

from place import wait

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class DriverError(AssertionError):
    """The driver refused, or the page had no such thing."""


def request(url, body=None, timeout=60, method=None):
    """JSON there and back."""
    data = None if body is None else json.dumps(body).encode()
    ask = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(ask, timeout=timeout) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        raise DriverError(f"{url}: {error.read().decode(errors='replace')[:400]}") from error
    except (urllib.error.URLError, OSError) as error:
        raise DriverError(f"{url}: {error}") from error


class Page:
    """The page in the window."""

    def __init__(self, driver, native, program):
        """Opens a session through Tauri's driver, which knows how to start the program, and goes on with WebKit's own:
        Tauri's keeps its connections and now and then sends a request into one that WebKit has just closed."""
        options = {"tauri:options": {"application": program}}
        session = request(f"{driver}/session", {"capabilities": {"alwaysMatch": options}})["value"]
        self.base = f"{native}/session/{session['sessionId']}"

    @classmethod
    def begin(cls, native, options):
        """A session of WebKit's own driver, with a browser it starts."""
        page = cls.__new__(cls)
        session = request(f"{native}/session", {"capabilities": {"alwaysMatch": options}})["value"]
        page.base = f"{native}/session/{session['sessionId']}"
        return page

    def open(self, url):
        self.ask("url", {"url": url})

    def ask(self, path, body=None, method=None):
        return request(f"{self.base}/{path}", body, method=method)["value"]

    def run(self, script, *arguments):
        """The value of a function body in the page."""
        return self.ask("execute/sync", {"script": script, "args": list(arguments)})

    # What a reader sees. Addressed by data-testid, so that neither words nor looks need to stay.

    def all(self, testid):
        """Text and states of every such element, as shown."""
        return self.run(
            """return [...document.querySelectorAll(`[data-testid="${arguments[0]}"]`)].map((found) => ({
                 text: found.innerText, state: found.dataset.state ?? null, disabled: found.disabled === true }))""",
            testid,
        )

    def has(self, testid):
        return bool(self.all(testid))

    def text(self, testid):
        """The first one's text; empty while there is none."""
        return next((found["text"] for found in self.all(testid)), "")

    def state(self, testid):
        return next((found["state"] for found in self.all(testid)), None)

    def body(self):
        return self.run("return document.body.innerText")

    def see(self, testid, seconds=20):
        """Waits until it is there; its text."""
        return wait(f"“{testid}” is shown", lambda: self.all(testid), seconds)[0]["text"]

    def see_words(self, words, seconds=20):
        """Waits until the page says so."""
        wait(f"the page says “{words}”", lambda: words in self.body(), seconds)

    def click(self, testid, seconds=20):
        """A click on the first at the place where the element lies, once it can be pressed."""
        css = f'[data-testid="{testid}"]'
        self.click_css(css, seconds)

    def click_chapter(self, number):
        """Opens a chapter in the list of its book."""
        pick = """return [...document.querySelectorAll('[data-testid="book-chapter"]')].findIndex(
                    (row) => row.querySelector('.number').textContent.trim() === String(arguments[0]))"""
        place = wait(f"chapter {number} is listed", lambda: self.run(pick, number) + 1)
        found = self.ask("elements", {"using": "css selector", "value": '[data-testid="book-chapter"]'})[place - 1]
        self.ask(f"element/{found[ELEMENT]}/click", {})

    def click_css(self, css, seconds=20):
        ready = "const found = document.querySelector(arguments[0]); return found !== null && !found.disabled"
        wait(f"{css} can be pressed", lambda: self.run(ready, css), seconds)
        found = self.ask("element", {"using": "css selector", "value": css})[ELEMENT]
        self.ask(f"element/{found}/click", {})

    def type(self, keys):
        """Keys pressed one after the other, into whatever has the focus."""
        pressed = [action for key in keys for action in ({"type": "keyDown", "value": key}, {"type": "keyUp", "value": key})]
        self.ask("actions", {"actions": [{"type": "key", "id": "keyboard", "actions": pressed}]})

    def chord(self, *keys):
        """Keys pressed together, such as Ctrl (`\\ue009`) and a letter."""
        pressed = [{"type": "keyDown", "value": key} for key in keys]
        pressed += [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self.ask("actions", {"actions": [{"type": "key", "id": "keyboard", "actions": pressed}]})
