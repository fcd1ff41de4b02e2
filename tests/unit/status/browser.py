"""Debian's chromium without a screen, driven over its DevTools protocol through a pipe of its own: no port,
no package. Frames end with a null byte (`--remote-debugging-pipe`: file descriptors 3 and 4).
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REQUIRED = bool(os.environ.get("REGION_MIRROR_REQUIRE_CHROMIUM"))
"""Whether a missing browser fails the tests: `.ci/run` sets the variable. It is read at the import, because
no test sees it (tests/clean_environment.py).
"""
MISSING = (
    f"no Chromium on PATH (looked for {', '.join(NAMES)}): the page is not tried in a real browser. "
    "Get it with `apt-get install -y chromium` (Debian, as root), or your system's package manager"
)
SECONDS = 120.0
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


def found() -> str | None:
    """Where the browser is."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One page, in one browser with a profile of its own."""

    def __init__(self, to: int, back: int) -> None:
        self._to = to
        self._back = back
        self._rest = b""
        self._number = 0
        self._session: str | None = None
        self.said: list[str] = []
        """What the page's console and its errors said."""
        self.requested: list[str] = []
        """What the page asked the network for."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and its answer; AssertionError when it is refused or does not come."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + SECONDS
        while True:
            answer = self._next(deadline, method)
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result
            self._event(answer)

    def open(self, page: Path, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Show a file and wait until its script has drawn it."""
        self.said.clear()
        self.requested.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = "dark" if dark else "light"
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.bringToFront")
        self.call("Page.navigate", url=page.resolve().as_uri())
        deadline = time.monotonic() + SECONDS
        while self.run("location.href !== 'about:blank' && document.documentElement?.dataset.drawn") != "yes":
            assert time.monotonic() < deadline, f"{page.name} was not drawn: {self.said}"
            time.sleep(0.05)

    def run(self, expression: str) -> Any:
        """What a JavaScript expression says."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """The page as PNG."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _next(self, deadline: float, method: str) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._back], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"the browser did not answer {method} in {SECONDS:g} s"
            more = os.read(self._back, 1 << 20)
            assert more, f"the browser ended at {method}"
            self._rest += more
        frame, self._rest = self._rest.split(b"\0", 1)
        found: dict[str, Any] = json.loads(frame)
        return found

    def _event(self, event: dict[str, Any]) -> None:
        parameters = event.get("params", {})
        match event.get("method"):
            case "Runtime.exceptionThrown":
                self.said.append(json.dumps(parameters["exceptionDetails"]))
            case "Runtime.consoleAPICalled":
                self.said.append(json.dumps(parameters["args"]))
            case "Log.entryAdded":
                self.said.append(parameters["entry"]["text"])
            case "Network.requestWillBeSent":
                self.requested.append(parameters["request"]["url"])


@contextmanager
def browser(program: str) -> Iterator[Browser]:
    """A browser that is gone in the end, profile and all."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        theirs, ours = os.pipe()
        back, reply = os.pipe()
        high = [fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in (theirs, reply)]

        def hand_over() -> None:
            # The browser reads its descriptor 3 and writes its descriptor 4.
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        process = subprocess.Popen(
            [program, *OPTIONS, f"--user-data-dir={profile}"],
            pass_fds=(3, 4),
            preexec_fn=hand_over,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for one in high:
            os.close(one)
        os.close(theirs)
        os.close(reply)
        try:
            yield Browser(ours, back)
        finally:
            os.close(ours)
            os.close(back)
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
