"""A headless Chromium, spoken to over a pipe in its DevTools protocol: no driver, no dependency.

    with Browser() as browser:
        page = browser.open(Path("report.html"), width=390, dark=True)
        assert page.evaluate("document.title") == "A small network"

Protocol: https://chromedevtools.github.io/devtools-protocol
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
from collections import deque
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = (
    *("--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--no-first-run"),
    *("--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
    "--force-color-profile=srgb",
)
PATIENCE = 120.0
Message = dict[str, Any]


def find_chromium() -> str | None:
    """Path of an installed Chromium or Chrome."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """A browser of its own, with a profile that goes when it does."""

    def __init__(self) -> None:
        program = find_chromium()
        if program is None:
            raise FileNotFoundError(f"no browser on PATH; looked for {', '.join(NAMES)}")
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs_in, self._write = os.pipe()
        self._read, theirs_out = os.pipe()
        # Chromium reads descriptor 3 and writes descriptor 4.
        shell = f'exec "$@" 3</dev/fd/{theirs_in} 4>/dev/fd/{theirs_out}'
        options = [*OPTIONS, f"--user-data-dir={self._profile.name}", "about:blank"]
        self._process = subprocess.Popen(
            ["sh", "-c", shell, "sh", program, *options],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._buffer = b""
        self._calls = 0
        self.events: deque[Message] = deque()

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.call("Browser.close")
        except (EOFError, BrokenPipeError, TimeoutError):
            self._process.kill()
        self._process.wait()
        os.close(self._read)
        os.close(self._write)
        self._profile.cleanup()

    def open(self, path: Path, width: int = 1280, height: int = 800, dark: bool = False) -> Page:
        """A new tab with the file loaded, its window `width` by `height` CSS pixels."""
        return Page(self, path, width, height, dark)

    def call(self, method: str, session: str | None = None, **arguments: Any) -> Message:
        """What the browser answers; events that come first are kept in `events`.

        Raises:
            RuntimeError: it answers with an error.
            TimeoutError: it does not answer.
            EOFError: it has gone.
        """
        self._calls += 1
        message = {"id": self._calls, "method": method, "params": arguments}
        os.write(self._write, json.dumps(message | _to(session)).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") != self._calls:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']['message']}")
            else:
                result: Message = answer["result"]
                return result

    def wait(self, method: str, session: str) -> None:
        """Returns once the event has come; it and those before it stay in `events`."""
        while not any(_is(event, method, session) for event in self.events):
            self.events.append(self._receive())

    def _receive(self) -> Message:
        while b"\0" not in self._buffer:
            if not select.select([self._read], [], [], PATIENCE)[0]:
                raise TimeoutError(f"nothing from the browser in {PATIENCE:.0f} s")
            data = os.read(self._read, 1 << 16)
            if not data:
                raise EOFError("the browser has gone")
            self._buffer += data
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: Message = json.loads(text)
        return message


class Page:
    """A tab: its script, keys, pointer and pictures, and what it asked for and complained of."""

    def __init__(self, browser: Browser, path: Path, width: int, height: int, dark: bool) -> None:
        self._browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session: str = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=path.resolve().as_uri())
        browser.wait("Page.loadEventFired", self._session)

    def call(self, method: str, **arguments: Any) -> Message:
        """As `Browser.call`, of this tab."""
        return self._browser.call(method, self._session, **arguments)

    def evaluate(self, script: str) -> Any:
        """The value of an expression, as JSON carries it.

        Raises:
            RuntimeError: the script throws.
        """
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    @property
    def requests(self) -> list[str]:
        """Addresses that the page has asked for."""
        return [sent["request"]["url"] for sent in self._events("Network.requestWillBeSent")]

    @property
    def complaints(self) -> list[str]:
        """Errors and warnings of its scripts, and of the browser about it."""
        thrown = [
            str(event["exceptionDetails"]) for event in self._events("Runtime.exceptionThrown")
        ]
        spoken = [str(event["args"]) for event in self._events("Runtime.consoleAPICalled")]
        logged = [str(event["entry"]["text"]) for event in self._events("Log.entryAdded")]
        return thrown + spoken + logged

    def _events(self, method: str) -> list[Message]:
        self.evaluate("0")
        kept = self._browser.events
        return [event["params"] for event in kept if _is(event, method, self._session)]

    def press(self, key: str) -> None:
        """A key of that name (`ArrowLeft`, `Escape`), down and up."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key)

    def write(self, text: str) -> None:
        """Text into what has the focus."""
        self.call("Input.insertText", text=text)

    def point(self, x: float, y: float) -> None:
        """The pointer of a mouse, moved to a place in the window."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def picture(self, box: tuple[float, float, float, float] | None = None) -> bytes:
        """PNG of the window, or of (left, top, width, height) in pixels of the document."""
        if box is None:
            return base64.b64decode(self.call("Page.captureScreenshot")["data"])
        clip = dict(zip(("x", "y", "width", "height"), box, strict=True), scale=1)
        shot = self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    def close(self) -> None:
        """Closes the tab."""
        self.call("Page.close")


def _to(session: str | None) -> dict[str, str]:
    return {} if session is None else {"sessionId": session}


def _is(event: Message, method: str, session: str) -> bool:
    return event.get("method") == method and event.get("sessionId") == session
