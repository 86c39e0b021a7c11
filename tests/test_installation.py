"""A server installs exactly the tested packages, by digest, without the test tools; the installation script is
complete."""

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


@pytest.mark.parametrize("listed", ["requirements.txt", "requirements-oidc.txt"])
def test_server_installs_what_was_tested_and_nothing_of_the_tests(listed):
    wanted, _marker, of_the_tests = (ROOT / "requirements.txt").read_text().partition("\n# The test suite.\n")
    installed = (DEPLOY / listed).read_text()
    of_oidc = (ROOT / "requirements-oidc.txt").read_text()
    assert names(wanted) <= set(pinned(installed)), "make requirements"
    assert (names(of_oidc) <= set(pinned(installed))) == (listed == "requirements-oidc.txt")
    assert set(pinned(installed)).isdisjoint(names(of_the_tests) | {"pytest"})
    assert names(of_the_tests) != set()
    tested = pinned((ROOT / "constraints.txt").read_text())
    assert {name: tested.get(name) for name in pinned(installed)} == pinned(installed)
    assert len(re.findall(r"==.* \\\n    --hash=sha256:[0-9a-f]{64}", installed)) == len(pinned(installed))
    assert "://" not in installed  # each machine has its own package index


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


STUBS = """
CLOSED=$PLACE/closed ENVIRONMENT=$PLACE/environment HOME_FOLDER=$PLACE
log() { echo "$*" >>"$PLACE/log"; }
has_systemd() { true; }
systemctl() { log "systemctl $*"; }
clone_is_there() { true; }
configuration_is_there() { true; }
fill_environment() { true; }
make_environment() { true; }
in_clone() {
    case "$1 $2" in
        "tag --list") printf 'v1.10.0\\nv1.9.0\\nv2.0.0-rc1\\n' | sort -rV ;;
        "rev-parse HEAD") echo old ;;
        "rev-parse --verify") log "wanted $4"; echo new ;;
        "merge-base --is-ancestor") false ;;
    esac
}
manage() {
    log "manage $*"
    case "$1" in
        backup) echo "/backups/bluezone-1.pgdump: 1 MiB" ;;
        showmigrations) echo "[X] $(cat "$PLACE/schema")" ;;
        restore) [ ! -e "$PLACE/lost" ] || [ "${3:-}" = --over ] ;;
    esac
}
turn_to() { log "turn to $1, site $([ -e "$CLOSED" ] && echo closed || echo open)"; "turn_to_$1"; }
turn_to_old() { rm -f "$CLOSED"; }
"""


def functions_and_commands():
    """The two parts of the script, which here accepts any user and any system."""
    text = SCRIPTS[0].read_text().replace('$(id -u)" = 0', '0" = 0').replace("/etc/debian_version", "/dev/null")
    first_command = text.index('if [ -n "$certificate$key"')
    return text[:first_command], text[first_command:]


@pytest.fixture
def upgrade(tmp_path):
    """Run the script's own `upgrade` on a machine that logs every step; returns how it ends, and the steps."""
    functions, _commands = functions_and_commands()
    (tmp_path / "schema").write_text("0001")
    (tmp_path / ".venvs").mkdir()

    def upgrade(new_release):
        script = f"{functions}\n{STUBS}\nturn_to_new() {{ {new_release}; }}\nupgrade"
        done = subprocess.run(
            ["bash", "-c", script], env={**os.environ, "PLACE": str(tmp_path)}, capture_output=True, text=True
        )
        is_closed = (tmp_path / "closed").exists()
        return done.returncode, is_closed, (tmp_path / "log").read_text().splitlines(), done.stdout + done.stderr

    return upgrade


def test_upgrade_closes_the_site_before_the_backup_and_goes_to_the_newest_tag(upgrade):
    code, is_closed, log, said = upgrade('rm "$CLOSED"')
    assert (code, is_closed) == (0, False), said
    assert log[0] == "wanted v1.10.0^{commit}"
    stopped = [line for line in log if line.startswith("systemctl stop")]
    assert stopped[0] == "systemctl stop bluezone-report.socket bluezone-report-*.timer"
    assert stopped[1] == "systemctl stop bluezone-report.service bluezone-report-*.service"
    assert log.index(stopped[1]) < log.index("manage backup") < log.index("turn to new, site closed")


@pytest.mark.parametrize(
    ("new_release", "restored"),
    [
        ("false", []),  # before it migrated
        ('echo 0002 >"$PLACE/schema"; false', ["manage restore /backups/bluezone-1.pgdump --over"]),
        ('echo 0002 >"$PLACE/schema"; rm "$CLOSED"; false', ["manage restore /backups/bluezone-1.pgdump "]),
    ],
)
def test_release_that_does_not_serve_is_taken_back(new_release, restored, upgrade):
    """`--over` is used only if the site was closed: then no report came in after the backup."""
    code, is_closed, log, said = upgrade(new_release)
    assert (code, is_closed, "went back" in said) == (1, False, True)
    assert [line for line in log if "restore" in line] == [line.rstrip() for line in restored]
    assert log[-1] == "turn to old, site closed"


def test_report_that_came_in_while_the_site_was_open_is_not_given_up(upgrade):
    code, is_closed, log, said = upgrade('echo 0002 >"$PLACE/schema"; touch "$PLACE/lost"; rm "$CLOSED"; false')
    assert (code, is_closed, "the database was not restored" in said) == (1, True, True)
    assert "turn to old, site closed" not in log


def test_certificate_renewed_while_the_site_is_closed_opens_nothing(tmp_path):
    """A timer may renew it in the middle of a restore."""
    functions, commands = functions_and_commands()
    stubs = f"""{STUBS}
    certificate_is_there() {{ [ -e "$PLACE/put" ]; }}
    put_certificate() {{ touch "$PLACE/put"; }}
    install_all() {{ log "install all"; }}
    """
    (tmp_path / "closed").write_text("closed by hand\n")
    options = ["--certificate", SCRIPTS[0], "--key", SCRIPTS[0]]
    done = subprocess.run(
        ["bash", "-c", functions + stubs + commands, SCRIPTS[0], *options],
        env={**os.environ, "PLACE": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "(closed by hand)" in done.stdout) == (0, True), done.stderr
    assert ((tmp_path / "put").exists(), (tmp_path / "log").exists()) == (True, False)


@pytest.mark.parametrize(
    ("written", "chosen"),
    [
        ("OIDC_ISSUER=https://login.example.vn\n", "deploy/requirements-oidc.txt"),
        ("OIDC_ISSUER=\n#OIDC_ISSUER=x\n", "deploy/requirements.txt"),
        (None, "deploy/requirements.txt"),  # the first installation
    ],
)
def test_packages_of_the_office_account_are_installed_if_there_is_one(written, chosen, tmp_path):
    functions, _commands = functions_and_commands()
    if written:
        (tmp_path / "environment").write_text(written)
    command = f"{functions}\n{STUBS}\nlist_of_packages"
    done = subprocess.run(
        ["bash", "-c", command], env={**os.environ, "PLACE": str(tmp_path)}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, f"{chosen}\n"), done.stderr
