"""Browser tests: Chromium of the system against a server that serves static files as production does.

Every test in this folder is marked ``e2e``. Chromium: environment variable CHROMIUM, or
/usr/bin/chromium, or whatever "chromium" is on PATH. Where there is none the tests are skipped, with
REQUIRE_BROWSER=1 they fail.

Never use ``page.wait_for_function``: its polling evaluates strings in the page, which our
Content-Security-Policy refuses. Wait with ``expect(locator)``.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.test import Client, override_settings, testcases
from playwright.sync_api import ConsoleMessage, Page, expect

# pytest-playwright's sync API keeps an event loop in this thread; Django would refuse the ORM in it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# Two browsers and two servers share the cores: what comes late is not missing.
expect.set_options(timeout=15_000)

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
RECORD_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (e) => (window.__violations ||= []).push(
  `${e.violatedDirective} ${e.blockedURI} ${(e.sourceFile || "").split("/").pop()} ${e.sample}`))
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


def chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    fixed = Path("/usr/bin/chromium")
    return str(fixed) if fixed.exists() else shutil.which("chromium")


def refuse(reason: str) -> None:
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    path = chromium()
    if path is None:
        refuse("no Chromium: apt-get install chromium fonts-noto-cjk, or set CHROMIUM=/path")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {"executable_path": path, "headless": True, "args": flags}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {
        "viewport": {"width": 1280, "height": 800},
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "color_scheme": "light",
        "geolocation": {"latitude": 28.228, "longitude": 112.939, "accuracy": 12},
        "permissions": ["geolocation"],
    }


def hashed() -> dict[str, Any]:
    """Storages with hashed names of static files, as in production."""
    backend = "config.common.staticfiles.HashedStorage"
    return {**django_settings.STORAGES, "staticfiles": {"BACKEND": backend}}


@pytest.fixture(scope="session")
def static_built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Static files collected once into a folder of this run, with hashed names."""
    if not (ROOT / "static" / "vendor" / ".stamp").exists():
        refuse("no static/vendor: run python tools/assets.py --dev")
    folder = tmp_path_factory.mktemp("staticfiles")
    with override_settings(STATIC_ROOT=folder, STORAGES=hashed()):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield folder


class Gate(WSGIHandler):
    """Stands in for Django's static handler, so that WhiteNoise answers as in production; can be closed.

    The threads of Django's live server are daemons: they outlive ``terminate``, with a transaction open or a
    connection on which the page asks again. Emptying the database would wait for them, or they for it: on PostgreSQL
    one of the two is then killed, and the next test finds the rows of this one.
    """

    def __init__(self, application: Any) -> None:
        self.application = application
        self.open = True
        self.inside = 0
        self.changed = threading.Condition()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        with self.changed:
            if not self.open:
                start_response("503 Service Unavailable", [("Content-Length", "0")])
                return []
            self.inside += 1
        try:
            answer = self.application(environ, start_response)
        except BaseException:
            self._leave()
            raise
        return ClosingIterator(answer, self._leave)

    def _leave(self) -> None:
        with self.changed:
            self.inside -= 1
            self.changed.notify_all()

    def close(self) -> None:
        """Let nobody in any more and wait until everybody is out."""
        with self.changed:
            self.open = False
            assert self.changed.wait_for(lambda: self.inside == 0, timeout=60), "a request hangs"


class ClosingIterator:
    """An answer that says when the server is done with it, whether it was read or not."""

    def __init__(self, answer: Any, done: Callable[[], None]) -> None:
        self.answer = answer
        self.done = done

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.answer)

    def close(self) -> None:
        try:
            if hasattr(self.answer, "close"):
                self.answer.close()
        finally:
            self.done()


@pytest.fixture
def site(
    static_built: Path,
    transactional_db: None,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """The address of a live server.

    pytest-django's own serves static files under their unhashed names only.
    """
    settings.STATIC_ROOT = static_built
    settings.STORAGES = hashed()
    settings.MEDIA_ROOT = tmp_path / "media"
    gates: list[Gate] = []

    def gate(application: Any) -> Gate:
        gates.append(Gate(application))
        return gates[-1]

    monkeypatch.setattr(testcases, "_MediaFilesHandler", gate)
    thread = testcases.LiveServerThread("127.0.0.1", static_handler=gate)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()
    for one in gates:
        one.close()


class Watch:
    """What went wrong in the page: violations of the policy, errors on the console."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.allowed: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def allow(self, part: str) -> None:
        """Console errors that hold this text are expected (e.g. "status of 409")."""
        self.allowed.append(part)

    def violations(self) -> list[str]:
        found: list[str] = self.page.evaluate("window.__violations || []")
        return found

    def faults(self) -> list[str]:
        errors = [e for e in self.errors if not any(part in e for part in self.allowed)]
        return errors + self.violations()


@pytest.fixture
def watch(page: Page) -> Iterator[Watch]:
    """Collects faults of ``page``; the test fails at its end if there were any."""
    page.set_default_timeout(15_000)
    page.add_init_script(RECORD_VIOLATIONS)
    watching = Watch(page)
    yield watching
    assert watching.faults() == []


@pytest.fixture
def visit(page: Page, site: str, watch: Watch) -> Callable[[str], Page]:
    """Open a path and wait until its scripts have run and its charts are drawn."""

    def open_path(path: str) -> Page:
        page.goto(site + path)
        expect(page.locator("html[data-ready='1']")).to_have_count(1)
        expect(page.locator("[data-chart]:not([data-done])")).to_have_count(0)
        return page

    return open_path


@pytest.fixture
def log_in(page: Page, site: str) -> Callable[[Any], None]:
    """Give the browser a session of this user, without the log-in page."""

    def give_session(user: Any) -> None:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        name = django_settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])

    return give_session


@pytest.fixture
def language(page: Page, site: str) -> Callable[[str], None]:
    """Set the language of the following pages: "zh-hans" or "en"."""

    def switch(code: str) -> None:
        name = django_settings.LANGUAGE_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": code, "url": site}])

    return switch


@pytest.fixture
def axe(page: Page) -> Callable[[], list[str]]:
    """Check the page as it is for accessibility; returns one line a violation."""

    def check() -> list[str]:
        if not AXE.exists():
            refuse("no axe-core: run python tools/assets.py --dev")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("(rules) => axe.run({runOnly: rules})", RULES)
        return [
            f"{v['id']} ({v['impact']}): {node['html'][:160]}"
            for v in found["violations"]
            for node in v["nodes"]
        ]

    return check


@pytest.fixture
def sideways(page: Page) -> Callable[[], int]:
    """How many pixels the page scrolls sideways; 0 is right."""

    def measure() -> int:
        width: int = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return width

    return measure


SIZES = [(1440, 900), (1024, 768)]


@pytest.fixture
def judge(
    page: Page, axe: Callable[[], list[str]], sideways: Callable[[], int]
) -> Callable[[], list[str]]:
    """What is wrong with the page as it stands: it scrolls sideways, axe objects, a chart failed."""

    def check() -> list[str]:
        faults = []
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            for _moment in range(20):  # charts are drawn anew for another width
                if not sideways():
                    break
                page.wait_for_timeout(50)
            if wide := sideways():
                faults.append(f"{wide} px sideways at {width}")
        faults += axe()
        if page.locator("[data-done=error]").count():
            faults.append("a chart failed")
        return faults

    return check
