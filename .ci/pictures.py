"""`make screenshots` makes the pictures of README and docs again, from a new demonstration."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import django
from playwright.sync_api import Browser, Page, sync_playwright

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from reporting import demo  # noqa: E402 - models can be imported only now
from tests.browser.conftest import CHROMIUM_ARGUMENTS  # noqa: E402 - likewise

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 300  # seconds until the demonstration answers, because it is built first
DAY = "2020-08-20"  # sealed, and something has changed since


GUIDE = ROOT / "static" / "reporting" / "guide"


@dataclass(frozen=True)
class Picture:
    name: str
    person: str
    path: str
    width: int = 1280
    height: int = 900  # cut off below that


PAPER = Picture("paper", "31", f"/units/31/paper/{DAY}.docx?as_of=seal")
WORKBOOK = Picture("workbook-districts", "31", f"/units/31/workbook/{DAY}.xlsx?as_of=seal")
PICTURES = [
    Picture("city", "31", f"/units/31/?day={DAY}", height=1150),
    Picture("district", "306", f"/units/306/?day={DAY}", height=1150),
    Picture("commune", "11416", "/units/11416/", width=360, height=1500),
    Picture("board", "306", "/units/306/board/2020-08-21/", height=700),
    Picture("review", "306", f"/units/306/review/{DAY}/", height=1000),
    Picture("seal", "31", f"/units/31/seal/{DAY}/", height=800),
]
# For the product's guide, in both languages, in the size that `_guide_step.html` states.
OF_THE_GUIDE = [
    Picture("form", "11416", "/units/11416/", width=360, height=560),
    Picture("receipt", "11407", "/units/11407/reports/2020-08-21/", width=360, height=560),
    Picture("board", "306", "/units/306/board/2020-08-21/", width=960, height=600),
    Picture("review", "306", f"/units/306/review/{DAY}/", width=960, height=600),
    Picture("overview", "31", f"/units/31/?day={DAY}", width=960, height=600),
    Picture("ranking", "31", f"/units/31/ranking/?day={DAY}", width=960, height=600),
]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, _demonstration(Path(folder)) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        for picture in PICTURES:
            _take(browser, address, picture)
            print(f"docs/{picture.name}.png", flush=True)
        take_guide(browser, address)
        _draw(_printed(browser, address, PAPER, Path(folder)), PAPER.name, 1)
        _draw(_printed(browser, address, WORKBOOK, Path(folder)), WORKBOOK.name, 1)
        browser.close()


def _take(browser: Browser, address: str, picture: Picture) -> None:
    page = _sign_in(browser, address, picture)
    page.goto(picture.path)
    page.screenshot(path=ROOT / "docs" / f"{picture.name}.png")
    page.context.close()


def take_guide(browser: Browser, address: str) -> None:
    for picture in OF_THE_GUIDE:
        page = _sign_in(browser, address, picture)
        for language in ("vi", "en"):
            page.context.add_cookies([{"name": "django_language", "value": language, "url": address}])
            page.goto(picture.path)
            page.evaluate("document.querySelectorAll('.demo-band, .hints').forEach((part) => part.remove())")
            page.screenshot(path=GUIDE / f"{picture.name}-{language}.png")
            print(f"static/reporting/guide/{picture.name}-{language}.png", flush=True)
        page.context.close()


def _printed(browser: Browser, address: str, picture: Picture, folder: Path) -> Path:
    """A file of the product as a PDF, made by LibreOffice in Vietnamese."""
    page = _sign_in(browser, address, picture)
    file = folder / f"{picture.name}{Path(picture.path.partition('?')[0]).suffix}"
    file.write_bytes(page.context.request.get(picture.path).body())
    page.context.close()
    soffice = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command = [*soffice, "--convert-to", "pdf", "--outdir", str(folder), str(file)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "LC_ALL": "vi_VN.UTF-8"})
    return file.with_suffix(".pdf")


def _draw(printed: Path, name: str, page: int) -> None:
    command = ["pdftoppm", "-png", "-r", "90", "-singlefile", "-f", str(page), "-l", str(page), str(printed)]
    subprocess.run([*command, str(ROOT / "docs" / name)], check=True)
    print(f"docs/{name}.png", flush=True)


def _sign_in(browser: Browser, address: str, picture: Picture) -> Page:
    context = browser.new_context(
        base_url=address, viewport={"width": picture.width, "height": picture.height}, locale="vi-VN"
    )
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("[name=username]", picture.person)
    page.fill("[name=password]", demo.PASSWORD)
    with page.expect_navigation():
        page.click("button.primary")
    return page


@contextlib.contextmanager
def _demonstration(folder: Path):
    """The demonstration as `make demo` runs it, on a temporary database."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bluezone_report.settings",  # style sheets and scripts as sent
        "DEMO": "1",
        "SECRET_KEY": "pictures" * 7,
        "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3",
    }
    command = [sys.executable, "manage.py", "demo", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(f"{address}/healthz")
        yield address
    finally:
        process.terminate()
        process.wait()


def _wait(address: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=5)
            return
        time.sleep(0.5)
    raise SystemExit("the demonstration does not answer")


if __name__ == "__main__":
    main()
