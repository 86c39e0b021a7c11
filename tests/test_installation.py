"""What a server installs is what was tested, by digest, and no test of it; the script of the installation is whole."""

import os
import re
import subprocess

import pytest

from .served import ROOT

DEPLOY = ROOT / "deploy"
SCRIPTS = [
    DEPLOY / "install.sh",
    DEPLOY / "archive" / "wal-archive",
    ROOT / ".ci" / "try-install",
]


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def names(text):
    return {canonical(name) for name in re.findall(r"^([A-Za-z][\w.-]*)(?:\[.*\])?[~=]=", text, re.MULTILINE)}


def pinned(text):
    found = re.findall(r"^([A-Za-z][\w.-]*)==([\w.]+)", text, re.MULTILINE)
    return {canonical(name): version for name, version in found}


def test_server_installs_what_was_tested_and_nothing_of_the_tests():
    wanted, _marker, of_the_tests = (ROOT / "requirements.txt").read_text().partition("\n# The test suite.\n")
    installed = (ROOT / "deploy" / "requirements.txt").read_text()
    assert names(wanted) <= set(pinned(installed)), "make requirements"
    assert set(pinned(installed)).isdisjoint(names(of_the_tests) | {"pytest"})
    assert names(of_the_tests) != set()
    tested = pinned((ROOT / "constraints.txt").read_text())
    assert {name: tested.get(name) for name in pinned(installed)} == pinned(installed)
    assert len(re.findall(r"==.* \\\n    --hash=sha256:[0-9a-f]{64}", installed)) == len(pinned(installed))
    assert "://" not in installed  # where it comes from is the machine's own setting


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_whole(script):
    shell = script.read_text().splitlines()[0].rpartition("/")[2].split()[-1]
    assert subprocess.run([shell, "-n", script], check=False).returncode == 0
    assert os.access(script, os.X_OK)


def test_installation_reads_its_options_before_it_does_anything(tmp_path):
    def said(*options):
        done = subprocess.run([SCRIPTS[0], *options], capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    assert said("--everything")[0] == 64
    assert said("--host")[0] > 0
    if os.getuid():
        assert said("--host", "bluezone.test") == (1, "install.sh: run it as root\n")
