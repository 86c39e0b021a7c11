"""The mutation run: one small fault at a time goes into the rules of the product, and the tests have to find it.

The faults are mutmut's, with some of the kinds that matter here: a lookup off by one (`__lt` for `__lte`), an order
turned round, an entry left out of a table or a choice, a condition turned into its opposite. mutmut's own runner leaves
out what stands in properties and in tables at the top of a module, and that is half of these rules; so the run is ours.
One pytest session imports, collects and makes its database once, and measures which test runs which line; then every
mutant gets a fork of that session, a copy of that database and the tests that run its line, the quickest and those that
found its neighbours first, until one fails. (What a test works out while it is collected, it works out without the
fault; a default of a dataclass's field is not mutated.)

`[tool.mutants]` in pyproject.toml says which modules are mutated and which tests answer for them. What survives and is
no fault stands with its reason in docs/mutants.md. The run ends with 1 when a module's score is below the least one or
a survivor is unexplained.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import pytest
from coverage import Coverage
from django.db import connections
from faults import Mutant, mutants_of
from putting_in import ROOT, Functions, NothingToPutIn

BEGUN = time.monotonic()
FEW_EXAMPLES = 10
TIMEOUT_LEAST = 30.0  # seconds for a test; beside ten times what it took without a fault
FLAGS = [
    "-qq",
    "-s",
    "--no-header",
    "--no-summary",
    "--tb=line",
    "--create-db",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
]
FOUND = ("killed", "timeout")
SAME = 77  # how a fork ends whose mutant is no other code


@dataclass
class Measured:
    """What the run without a fault has shown."""

    by_line: dict[str, dict[int, list[str]]]
    seconds: dict[str, float]

    @cached_property
    def longest(self) -> dict[str, float]:
        """Of each file; a test that comes first may have to set up what another one found ready."""
        found = {}
        for test, seconds in self.seconds.items():
            file = test.split("::")[0]
            found[file] = max(found.get(file, 0), seconds)
        return found

    def tests_of(self, mutant: Mutant, files: list[str]) -> list[str]:
        """The tests that run the mutant's line; of what runs when the module is read, all."""
        lines = self.by_line[mutant.path]
        tests = {test for line in (mutant.line, mutant.statement) for test in lines.get(line, ())}
        if mutant.where == "module" or _is_head(mutant):
            tests = set(self.seconds)
        return sorted((test for test in tests if test.split("::")[0] in files), key=lambda test: self.seconds[test])


def _is_head(mutant: Mutant) -> bool:
    return bool(re.match(r"(async )?def |\w+: .* = ", mutant.before))


def _read_measured(by_line: dict, seconds: dict) -> Measured:
    return Measured({path: {int(n): t for n, t in lines.items()} for path, lines in by_line.items()}, seconds)


def _take_few_examples(item) -> None:
    """A property is played a hundred times for whoever trusts it; here ten times, and how small a failure can be made
    is nobody's question."""
    kept = getattr(item.obj, "_hypothesis_internal_use_settings", None)
    if kept is not None:
        phases = [phase for phase in kept.phases if phase.name not in ("shrink", "explain")]
        few = type(kept)(kept, max_examples=min(kept.max_examples, FEW_EXAMPLES), phases=phases)
        item.obj._hypothesis_internal_use_settings = few


def _be_silent() -> None:
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)


class Session:
    """The pytest plugin that takes the place of the loop over the tests."""

    def __init__(self, modules: dict[str, list[str]], chosen: argparse.Namespace, template: Path) -> None:
        self.modules, self.chosen, self.template, self.answers = modules, chosen, template, []
        self.coverage, self.seconds, self.failed = None, Counter(), []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        self.items = {item.nodeid: item for item in session.items}
        for item in session.items:
            _take_few_examples(item)
        self._make_database(session)
        measured = self._measured(self.chosen.results.with_suffix(".lines.json"))
        say(f"{len(measured.seconds)} tests pass without a fault")
        self.functions = Functions(list(self.modules))
        gc.freeze()
        self._run(measured)
        session.items.clear()
        return True

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] += report.duration if report.when in ("setup", "call", "teardown") else 0
        if report.failed:
            self.failed.append(report.nodeid)

    def _make_database(self, session) -> None:
        """Play a test that asks for the database: it stands as long as the session does."""
        asking = [i for i in session.items if "db" in i.fixturenames or i.get_closest_marker("django_db")]
        if asking:
            self._play(min(asking, key=lambda item: len(item.fixturenames)), session)
            connections.close_all()
            shutil.copyfile(connections["default"].settings_dict["NAME"], self.template)

    def _play(self, item, following) -> None:
        """With the session for a test that follows none, what the session has made is left standing."""
        item._initrequest()  # a test may be played again, in a fork
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)

    def _play_all(self, items: list, took: dict[str, float] | None = None) -> None:
        """Until one fails; where it is known how long a test takes, one that does not end takes the process with it."""
        for item, following in zip(items, [*items[1:], items[0].session], strict=True):
            if self.coverage:
                self.coverage.switch_context(item.nodeid)
            if took:
                signal.setitimer(signal.ITIMER_REAL, TIMEOUT_LEAST + 10 * took[item.nodeid.split("::")[0]])
            self._play(item, following)
            if self.failed and not self.coverage:
                return

    def _own_database(self) -> None:
        if not self.template.exists():  # no test asks for one
            return
        own = self.template.with_name("mutant.sqlite3")
        for suffix in ("-wal", "-shm", "-journal"):
            Path(f"{own}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self.template, own)
        connections["default"].settings_dict["NAME"] = str(own)

    def _measured(self, kept: Path) -> Measured:
        """Kept between runs, as long as product and tests are the same and no other test is asked for."""
        files = [file for folder in ("reporting", "tests") for file in (ROOT / folder).rglob("*.py")]
        if kept.exists() and kept.stat().st_mtime > max(file.stat().st_mtime for file in files):
            by_line, seconds, _failed = json.loads(kept.read_text())
            if set(self.items) <= set(seconds) and set(self.modules) <= set(by_line):
                return _read_measured(by_line, seconds)
        return self._measure(kept)

    def _measure(self, answer: Path) -> Measured:
        child = os.fork()
        if child == 0:
            _be_silent()
            self._own_database()
            include = [str(ROOT / path) for path in self.modules]
            self.coverage = Coverage(data_file=None, include=include, config_file=False)
            self.seconds.clear()
            self.coverage.start()
            self._play_all(list(self.items.values()))
            self.coverage.stop()
            data = self.coverage.get_data()
            by_line = {path: data.contexts_by_lineno(str(ROOT / path)) for path in self.modules}
            answer.write_text(json.dumps([by_line, self.seconds, self.failed]))
            os._exit(0)
        os.waitpid(child, 0)
        by_line, seconds, failed = json.loads(answer.read_text())
        if failed:
            answer.unlink()
            pytest.exit("these tests fail without a fault:\n" + "\n".join(failed), returncode=1)
        return _read_measured(by_line, seconds)

    def _run(self, measured: Measured) -> None:
        results = self.chosen.results
        done = {}
        if results.exists():
            done = {line["key"]: line for line in map(json.loads, results.read_text().splitlines())}
        for path, files in self.modules.items():
            mutants, of = mutants_of(path, sample=self.chosen.sample, seed=self.chosen.seed)
            killers, started, answers = defaultdict(Counter), time.monotonic(), []
            for mutant in mutants:
                answer = done.get(mutant.key)
                if answer is None:
                    answer = self._answer(mutant, measured, files, killers[mutant.where])
                    with results.open("a") as file:
                        file.write(json.dumps(answer, ensure_ascii=False) + "\n")
                answers += [answer | {"of": of}] if answer["result"] != "same" else []
            self._must_pass_alone({answer["killer"] for answer in answers} & set(self.items), measured)
            found = sum(answer["result"] in FOUND for answer in answers)
            say(f"{path}: {found} of {len(answers)} found, {time.monotonic() - started:.0f} s")
            self.answers += answers

    def _must_pass_alone(self, tests: set[str], measured: Measured) -> None:
        """A test has found a fault only if it passes in the same place without one."""
        wrong = [test for test in sorted(tests) if self._fate(None, [test], measured)[0] != "survived"]
        if wrong:
            pytest.exit("these tests fail alone without a fault:\n" + "\n".join(wrong), returncode=1)

    def _answer(self, mutant: Mutant, measured: Measured, files: list[str], before: Counter) -> dict:
        started = time.monotonic()
        tests = measured.tests_of(mutant, files)
        tests.sort(key=lambda test: (-before[test], measured.seconds[test]))
        if self.chosen.seconds:
            takes = accumulate(measured.seconds[test] for test in tests)
            tests = [test for test, until in zip(tests, takes, strict=True) if until <= self.chosen.seconds]
        result, killer = "not run", ""
        if tests:
            result, killer = self._fate(mutant, tests, measured)
            before.update([killer] if killer in tests else [])
        answer = asdict(mutant) | {"name": mutant.name, "key": mutant.key, "result": result, "killer": killer}
        del answer["source"]
        return answer | {"tests": len(tests), "seconds": round(time.monotonic() - started, 2)}

    def _fate(self, mutant: Mutant | None, tests: list[str], measured: Measured) -> tuple[str, str]:
        """What becomes of a mutant, and the test that found it."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            os._exit(self._live(mutant, tests, measured, writing))
        os.close(writing)
        status = os.waitpid(child, 0)[1]
        with os.fdopen(reading) as pipe:
            killer = pipe.readline().strip()
        fates = {0: "survived", SAME: "same", -signal.SIGALRM: "timeout"}
        return fates.get(os.waitstatus_to_exitcode(status), "killed"), killer

    def _live(self, mutant: Mutant | None, tests: list[str], measured: Measured, pipe: int) -> int:
        _be_silent()
        try:
            if mutant:
                self.functions.put_in(mutant)
        except NothingToPutIn:
            return SAME
        except Exception as error:  # at the top of the module: it cannot be imported
            os.write(pipe, f"{type(error).__name__} on import\n".encode())
            return 1
        self._own_database()
        self.failed.clear()
        try:
            self._play_all([self.items[test] for test in tests], measured.longest)
        except BaseException:  # a fault may end the process in any way: it has been found
            return 1
        os.write(pipe, "".join(self.failed[:1]).encode() + b"\n")
        return int(bool(self.failed))


def say(words: str) -> None:
    sys.stderr.write(f"[{time.monotonic() - BEGUN:.0f} s] {words}\n")
    sys.stderr.flush()


def _quick_place() -> str | None:
    """Memory, where there is some: every mutant begins with a copy of the database."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


def report(answers: list[dict], explained: str, least: float) -> tuple[str, bool]:
    """The scores and the survivors in words, and whether they are good enough."""
    lines, survivors, is_good = [], [], True
    for path in dict.fromkeys(answer["path"] for answer in answers):
        of_file = [answer for answer in answers if answer["path"] == path]
        found = sum(answer["result"] in FOUND for answer in of_file)
        unexplained = [a for a in of_file if a["result"] not in FOUND and a["name"] not in explained]
        lines.append(
            f"{path}: {100 * found / len(of_file):.1f} % ({found} of {len(of_file)} found, drawn from "
            f"{of_file[0]['of']}; {len(unexplained)} survivors unexplained)"
        )
        is_good = is_good and 100 * found >= least * len(of_file) and not unexplained
        survivors += unexplained
    found = sum(answer["result"] in FOUND for answer in answers)
    lines.append(f"all: {100 * found / len(answers):.1f} % ({found} of {len(answers)})")
    lines += [f"- [{a['result']}, line {a['line']}, {a['tests']} tests] {a['name']}" for a in survivors]
    return "\n".join(lines) + "\n", is_good


def main() -> None:
    settings = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["mutants"]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="of those in pyproject.toml; without, all")
    parser.add_argument("--sample", type=int, help="at most so many mutants of a module, drawn with the seed")
    parser.add_argument("--seconds", type=float, help="at most so many seconds of tests for a mutant, the quickest")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path, default=Path(".mutants.jsonl"), help="answers so far, not asked again")
    chosen = parser.parse_args()
    modules = {path: tests for path, tests in settings["tests"].items() if not chosen.modules or path in chosen.modules}
    os.environ.setdefault("SECRET_KEY", "mutants")
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="mutants-", dir=_quick_place()) as folder:
        os.environ["TEST_DB"] = f"{folder}/tests.sqlite3"
        session = Session(modules, chosen, Path(folder) / "template.sqlite3")
        pytest.main([*FLAGS, *sorted({test for tests in modules.values() for test in tests})], plugins=[session])
    if not session.answers:
        sys.exit("no mutant was played")
    explanations = Path("docs/mutants.md")
    words, is_good = report(
        session.answers, explanations.read_text() if explanations.exists() else "", settings["least"]
    )
    print(words)
    sys.exit(not is_good)


if __name__ == "__main__":
    main()
