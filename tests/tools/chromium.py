"""A headless Chromium, driven over the DevTools protocol through two pipes: no port, no library."""

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
)  # fmt: skip
PATIENCE_S = 60.0
Json = dict[str, Any]


def program() -> str | None:
    """The browser on PATH; None: there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Browser:
    """One running browser. Messages are JSON objects that end in a zero byte."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._rest, self._ids = b"", itertools.count(1)
        self.events: list[Json] = []

    def call(self, method: str, session: str | None = None, /, **params: object) -> Json:
        """Send a command and wait for its answer; what happens meanwhile is kept in ``events``."""
        number = next(self._ids)
        message: Json = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        deadline_s = time.monotonic() + PATIENCE_S
        while (answer := self._receive(deadline_s)).get("id") != number:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        result: Json = answer["result"]
        return result

    def wait(self, method: str, session: str) -> Json:
        """The next event of that name that was not taken yet."""
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            for index, event in enumerate(self.events):
                if (event.get("method"), event.get("sessionId")) == (method, session):
                    return self.events.pop(index)
            self.events.append(self._receive(deadline_s))

    def _receive(self, deadline_s: float) -> Json:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], max(0.0, deadline_s - time.monotonic()))
            chunk = os.read(self._from, 1 << 20) if ready else b""
            if not chunk:
                raise TimeoutError("Chromium does not answer")
            self._rest += chunk
        message, _, self._rest = self._rest.partition(b"\0")
        decoded: Json = json.loads(message)
        return decoded

    @contextmanager
    def tab(self, page: Path, *, width: int = 1280, height: int = 900, **media: str) -> Iterator["Tab"]:
        """Open a file in a tab of its own.

        Args:
            page: The file.
            width: Of the window, in CSS pixels.
            height: The same.
            **media: ``colours`` "dark" or "light", ``kind`` "screen" or "print", ``script`` "off", ``fragment``.
        """
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, session)
        for domain in ("Page", "Runtime", "Network", "Log"):
            tab.call(f"{domain}.enable")
        tab.call("Performance.enable", timeDomain="threadTicks")  # CPU time, whatever else runs here
        tab.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        tab.media(media.get("kind", "screen"), media.get("colours", "light"))
        if media.get("script") == "off":
            tab.call("Emulation.setScriptExecutionDisabled", value=True)
        tab.call("Page.navigate", url=page.resolve().as_uri() + media.get("fragment", ""))
        self.wait("Page.loadEventFired", session)
        try:
            yield tab
        finally:
            self.call("Target.closeTarget", targetId=target)


class Tab:
    """One page that is open."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session

    def call(self, method: str, **params: object) -> Json:
        """Send a command to the page."""
        return self._browser.call(method, self._session, **params)

    def media(self, kind: str, colours: str) -> None:
        """Show it on a screen or on paper, in dark or in light colours."""
        self.call("Emulation.setEmulatedMedia", media="" if kind == "screen" else kind, features=[
            {"name": "prefers-color-scheme", "value": colours}])  # fmt: skip

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, promises awaited; it ignores the page's own policy."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"].get("description", answer))
        return answer["result"].get("value")

    def settle(self) -> None:
        """Wait until what was asked for is painted."""
        self.ask("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")

    def mouse(self, kind: str, x: float, y: float, **more: object) -> None:
        """``Moved``, ``Pressed`` or ``Released``, in CSS pixels of the window."""
        self.call("Input.dispatchMouseEvent", type=f"mouse{kind}", x=x, y=y, **more)

    def key(self, key: str) -> None:
        """Press and release a key."""
        text = {"text": key} if len(key) == 1 else {}
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowRight": 39}
        code = codes.get(key, ord(key[0].upper()))
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def heard(self) -> list[str]:
        """What the page complained of so far: console messages, exceptions, refused loads."""
        self.ask("1")  # everything before this answer has arrived
        said = {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"}
        return [json.dumps(event["params"])[:600] for event in self._mine() if event["method"] in said]

    def requests(self) -> list[str]:
        """The addresses that were asked for."""
        self.ask("1")
        sent = "Network.requestWillBeSent"
        return [event["params"]["request"]["url"] for event in self._mine() if event["method"] == sent]

    def picture(self, *, whole: bool = False) -> bytes:
        """The window, or the whole page, as PNG."""
        self.settle()
        return base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    def _mine(self) -> Sequence[Json]:
        return [event for event in self._browser.events if event.get("sessionId") == self._session]


@contextmanager
def browser(chromium: str, profile: Path) -> Iterator[Browser]:
    """Run a browser until the block ends.

    Args:
        chromium: The program.
        profile: Where it may write.
    """
    its_in, our_out = os.pipe()
    our_in, its_out = os.pipe()

    def wire() -> None:
        """The browser reads from descriptor 3 and writes to 4, wherever the pipes happen to be."""
        spare = os.dup(its_in), os.dup(its_out)
        os.dup2(spare[0], 3)
        os.dup2(spare[1], 4)

    command = [chromium, *QUIET, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(
        command, preexec_fn=wire, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(its_in)
    os.close(its_out)
    try:
        yield Browser(our_out, our_in)
    finally:
        os.close(our_out)
        process.terminate()
        process.wait(timeout=PATIENCE_S)
        os.close(our_in)
