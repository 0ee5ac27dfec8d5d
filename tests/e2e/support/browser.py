"""Opens pages in a headless Chromium, one after the other, and prints what was seen as JSON.

Stdin has the program, its environment, axe-core's file and the jobs (`browser.rs`). The DevTools protocol is spoken over
two pipes: 3 leads to the browser, 4 comes from it, and a NUL ends each message.
"""

import base64
import fcntl
import functools
import http.server
import json
import os
import select
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

# Of one answer, on a machine that builds at the same time.
PATIENCE = 120
SWITCHES = (
    "--headless",
    "--remote-debugging-pipe",
    # The pages are the tests' own, and without root there may be no sandbox to be had.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
    "--no-first-run",
    # A name that a page asks for is seen, and never looked up. A site is served here.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# What a key is: its code, the number of it, and the text that it types.
KEYS = {
    "Tab": ("Tab", 9, ""),
    "Enter": ("Enter", 13, "\r"),
    "Escape": ("Escape", 27, ""),
    "Space": ("Space", 32, " "),
    "End": ("End", 35, ""),
    "Home": ("Home", 36, ""),
    "ArrowLeft": ("ArrowLeft", 37, ""),
    "ArrowUp": ("ArrowUp", 38, ""),
    "ArrowRight": ("ArrowRight", 39, ""),
    "ArrowDown": ("ArrowDown", 40, ""),
}
TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
# `target-size`, of WCAG 2.2, is the one rule of level AA that has to be asked for.
AXE = """axe.run(document, {rules: {"target-size": {enabled: true}}}).then(found => {
    const told = rules => rules.map(rule => ({
        id: rule.id,
        impact: rule.impact,
        nodes: rule.nodes.map(node => node.html),
        why: rule.nodes.map(node => node.failureSummary || rule.help).join("\\n"),
    }));
    return {violations: told(found.violations), undecided: told(found.incomplete)};
})"""


class Browser:
    """A running Chromium and the two pipes."""

    def __init__(self, program: str, environment: dict[str, str], directory: Path) -> None:
        self.log = directory / "log"
        theirs, ours = os.pipe()
        self.source, answers = os.pipe()
        # Out of the way of the numbers that the browser is to see.
        theirs, answers = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (theirs, answers))
        self.sink = ours
        self.pid = os.posix_spawn(
            program,
            [program, *SWITCHES, f"--user-data-dir={directory / 'profile'}"],
            environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, str(self.log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
                (os.POSIX_SPAWN_DUP2, theirs, 3),
                (os.POSIX_SPAWN_DUP2, answers, 4),
            ],
            setpgroup=0,
        )
        os.close(theirs)
        os.close(answers)
        self.received = b""
        self.last = 0
        self.events: list[dict] = []

    def fail(self, what: str) -> None:
        """Ends the script with what the browser has printed."""
        said = self.log.read_text(errors="replace") if self.log.exists() else ""
        raise SystemExit(f"Chromium: {what}\n--- it printed\n{said}")

    def receive(self, deadline: float) -> dict:
        """The next message."""
        while b"\0" not in self.received:
            if not select.select([self.source], [], [], max(0, deadline - time.monotonic()))[0]:
                self.fail(f"no answer in {PATIENCE} seconds")
            part = os.read(self.source, 1 << 20)
            if not part:
                self.fail("it ended")
            self.received += part
        message, self.received = self.received.split(b"\0", 1)
        return json.loads(message)

    def send(self, method: str, session: str | None = None, **parameters: object) -> dict:
        """Has a command done. What happens meanwhile is added to the events."""
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        try:
            while data:
                data = data[os.write(self.sink, data) :]
        except BrokenPipeError:
            self.fail("it ended")
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.receive(deadline)
            if answer.get("id") != self.last:
                self.events.append(answer)
            elif "error" in answer:
                self.fail(f"{method}: {answer['error']}")
            else:
                return answer["result"]

    def wait_for(self, method: str) -> None:
        """Waits for an event, unless it was there already."""
        deadline = time.monotonic() + PATIENCE
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.receive(deadline))

    def end(self) -> None:
        """Kills it, with all its processes: nothing of it is kept."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)


class Tab:
    """One page in a browser context of its own: no job knows of another."""

    def __init__(self, browser: Browser, job: dict) -> None:
        self.browser = browser
        self.job = job
        self.context = browser.send("Target.createBrowserContext")["browserContextId"]
        target = browser.send(
            "Target.createTarget", url="about:blank", browserContextId=self.context
        )["targetId"]
        attached = browser.send("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]

    def send(self, method: str, **parameters: object) -> dict:
        return self.browser.send(method, self.session, **parameters)

    def prepare(self) -> None:
        """Sets all that the page is to find."""
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=self.job["width"],
            height=self.job["height"] or 800,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = "dark" if self.job["dark"] else "light"
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", features=features)
        # A page that is not in front of a window gets no keys.
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)
        self.send("Emulation.setScriptExecutionDisabled", value=not self.job["scripts"])

    def open(self, address: str) -> None:
        self.browser.events.clear()
        failure = self.send("Page.navigate", url=address).get("errorText")
        if failure:
            self.browser.fail(f"{address}: {failure}")
        self.browser.wait_for("Page.loadEventFired")
        if self.job["scripts"]:
            self.evaluate(TWO_FRAMES)

    def evaluate(self, expression: str) -> object:
        """The value of an expression, or of what it promises."""
        answer = self.send(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            self.browser.fail(f"{expression[:200]}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def press(self, name: str) -> None:
        """Presses a key of `KEYS`, or of one letter or digit, and lets go of it; `Shift+` may come before."""
        key = name.removeprefix("Shift+")
        if key not in KEYS and not (len(key) == 1 and key.isalnum() and key.isascii()):
            self.browser.fail(f"there is no key {name!r}")
        code, number, text = KEYS.get(key) or (f"Key{key.upper()}", ord(key.upper()), key)
        what = {
            "key": text if text == " " else key,
            "code": code.replace("Key", "Digit") if key.isdigit() else code,
            "windowsVirtualKeyCode": number,
            "modifiers": 0 if key == name else 8,
        }
        down = "keyDown" if text else "rawKeyDown"
        self.send("Input.dispatchKeyEvent", type=down, text=text, **what)
        self.send("Input.dispatchKeyEvent", type="keyUp", **what)

    def screenshot(self, path: str) -> None:
        """The whole page, or as much of it as a window of the given height shows."""
        options = {}
        if not self.job["height"]:
            size = self.send("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": self.job["width"], "height": size["height"], "scale": 1}
            options = {"clip": clip, "captureBeyondViewport": True}
        answer = self.send("Page.captureScreenshot", format="png", **options)
        Path(path).write_bytes(base64.b64decode(answer["data"]))

    def axe(self, source: str) -> dict:
        """axe-core needs scripts. Those that the page could not run when it was read are not run now, and the page's
        policy of scripts, which is not for the protocol, stays in force."""
        self.send("Emulation.setScriptExecutionDisabled", value=False)
        self.evaluate(source + ";0")
        return self.evaluate(AXE)

    def events(self, address: str) -> dict:
        """What was asked for beside the page itself, and what was told on the console."""
        requests, console = [], []
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            match event["method"], event["params"]:
                case "Network.requestWillBeSent", what:
                    requests.append(what["request"]["url"])
                case "Log.entryAdded", {"entry": entry}:
                    console.append(f"{entry['source']} {entry['level']}: {entry['text']}")
                case "Runtime.consoleAPICalled", what:
                    said = (str(a.get("value", a.get("description"))) for a in what["args"])
                    console.append(f"console {what['type']}: {' '.join(said)}")
                case "Runtime.exceptionThrown", {"exceptionDetails": what}:
                    told = what.get("exception", {}).get("description", what["text"])
                    console.append(f"exception error: {told}")
        if requests[:1] != [address]:
            self.browser.fail(f"the first request was for another page: {requests}")
        return {"requests": requests[1:], "console": console}

    def close(self) -> None:
        self.browser.send("Target.disposeBrowserContext", browserContextId=self.context)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and prints nothing."""

    def log_message(self, *_: object) -> None:
        pass


@functools.cache
def served(directory: str) -> str:
    """The address at which the files of a directory are served until the script ends."""
    handler = functools.partial(Quiet, directory=directory)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def see(browser: Browser, job: dict, page: Path, axe: str) -> dict:
    if job["site"]:
        address = served(job["site"]) + job["place"]
    else:
        page.write_text(job["html"], encoding="utf-8")
        address = page.as_uri()
    tab = Tab(browser, job)
    tab.prepare()
    tab.open(address)
    values = []
    for step in job["steps"]:
        if "press" in step:
            tab.press(step["press"])
        else:
            values.append(tab.evaluate(step["evaluate"]))
    seen = {"values": values, "dom": tab.evaluate("document.documentElement.outerHTML")}
    if job["screenshot"]:
        tab.screenshot(job["screenshot"])
    # Before axe-core, which could add to them.
    seen |= tab.events(address)
    seen |= tab.axe(axe) if job["axe"] else {"violations": [], "undecided": []}
    tab.close()
    return seen


def main() -> None:
    task = json.load(sys.stdin)
    axe = Path(task["axe"]).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="e2e-browser-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        environment = task["environment"] | {"HOME": name, "TMPDIR": name, "LANG": "C.UTF-8"}
        browser = Browser(task["program"], environment, directory)
        try:
            pages = (directory / f"page-{number}.html" for number in range(len(task["jobs"])))
            seen = [see(browser, job, page, axe) for job, page in zip(task["jobs"], pages)]
        finally:
            browser.end()
    print(json.dumps(seen))


main()
