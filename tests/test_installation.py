"""A server installs exactly the tested packages, by digest, without the test tools; the installation script is
complete."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from itertools import count
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .served import ROOT

DEPLOY = ROOT / "deploy"
SCRIPTS = [
    DEPLOY / "install.sh",
    DEPLOY / "archive" / "wal-archive",
    DEPLOY / "jobs",
    DEPLOY / "proxy",
    *(path for path in (ROOT / ".ci").iterdir() if path.is_file() and "bash\n" in path.read_text()[:20]),
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
    installed = (DEPLOY / "requirements.txt").read_text()
    assert names(wanted) <= set(pinned(installed)), "make requirements"
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


def test_options_come_from_a_file_and_the_switches_are_remembered(tmp_path):
    functions, _commands = functions_and_commands()
    functions = functions.replace("=/etc/bluezone-report/switches", f"={tmp_path}/switches")
    asked = 'switches_are_there || keep_switches; echo "$host" "$mail"; health_address; started_units'
    asked += '; echo "${PACKAGES[*]}"'

    def said(*options):
        command = ["bash", "-c", f"{functions}\n{asked}", SCRIPTS[0], *options]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    (tmp_path / "answers").write_text("# the site\n--host a.vn\n\n  --mail  o@a.vn \n--without-nginx\n")
    for options, names in ([["--answers", tmp_path / "answers"], "a.vn o@a.vn"], [["--host", "b.vn"], "b.vn "]):
        told = said(*options)
        assert told.startswith(f"{names}\nhttp://"), told
        assert ("nginx" in told, "postgresql postgresql" in told, "seal.timer" in told) == (False, False, True)
    assert (tmp_path / "switches").read_text() == "--without-nginx\n"
    assert "client postgresql" not in said("--without-postgresql")
    (tmp_path / "switches").unlink()
    second = said("--second", "10.0.0.2:8000")
    assert ("timer" in second, "http://10.0.0.2:8000/healthz" in second, (tmp_path / "switches").exists()) == (
        False, True, False
    )  # fmt: skip


def environment():
    """deploy/bluezone-report as a module."""
    loader = SourceFileLoader("bluezone_report_command", str(DEPLOY / "bluezone-report"))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


SHELL = r"""a b;c&d|e<f>g(h)i$j`k`"l'm*n?o[p]q{r}s~t!u^v%w#x=y,z@:/+-."""
VARIABLES = re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "operating.md").read_text(), re.MULTILINE)


def test_every_value_may_have_every_character_of_the_shell(tmp_path):
    """As it stands, and in both quotes; the program reads what systemd reads, and runs nothing."""
    values = {name: f"{name}{SHELL}$(touch {tmp_path}/ran)" for name in VARIABLES}
    assert {"SECRET_KEY", "DATABASE_URL", "EMAIL_URL", "MAIL_FROM"} < set(values)
    quoted = {
        "as it stands": lambda value: value,
        "double": lambda value: '"' + re.sub(r'(["\\`$])', r"\\\1", value) + '"',
        "single": lambda value: "'" + value.replace("'", "'\"'\"'") + "'",
    }
    file = tmp_path / "environment"
    for write in quoted.values():
        file.write_text("".join(f"{name}={write(value)}\n" for name, value in values.items()))
        command = [DEPLOY / "bluezone-report", "--with-environment", "env", "-0"]
        env = {**os.environ, "BLUEZONE_ENVIRONMENT": str(file)}
        said = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
        assert values.items() <= dict(line.split("=", 1) for line in said.split("\0") if line).items()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("# A=1\n; B=2\n\n", {}),
        (" A = b  c \t\n", {"A": "b  c"}),
        ("A=\nB=1", {"A": "", "B": "1"}),
        ("A=Bluezone <a@b>", {"A": "Bluezone <a@b>"}),
        ("A=postgres://u:p@h/n?sslmode=verify-full&sslrootcert=/x", None),
        ('A=\'b c\' "d\\$e\\x"f"g', {"A": 'b cd$e\\xf"g'}),
        ("A=b\\\nc\\ \nB=2", {"A": "bc ", "B": "2"}),
        ("A='b\nc'", {"A": "b\nc"}),
        ("A=1\nA=2", {"A": "2"}),
    ],
)
def test_environment_is_read_as_systemd_reads_it(text, values):
    """`.ci/try-install` compares it with systemd itself."""
    expected = {"A": text.removeprefix("A=")} if values is None else values
    assert environment().read(text) == expected


@pytest.mark.parametrize("line", ["secret", "export A=secret", "A='secret", "1A=secret", "# secret\\", "A=secret\x01"])
def test_line_that_systemd_would_not_take_is_named_and_its_value_is_not(line):
    with pytest.raises(ValueError, match="line 3 is not NAME=value"):
        environment().read(f"A=1\n\n{line}\n")


# A machine whose every command is a place where the script may be killed. PLACE holds what survives: the release that
# is checked out, the database (its schema, then its reports), the backup and the log. People report while it is open.
WORLD = r"""
CLOSED=$PLACE/closed TRANSACTION=$PLACE/transaction DRIVER=$PLACE/kept/install.sh STATE=$PLACE WORKED=$PLACE/worked
ENVIRONMENT=$PLACE/environment HOME_FOLDER=$PLACE SIGNERS=$PLACE/signers
state() { echo "schema $(sed 1q "$PLACE/database") with $(cat "$PLACE/head")"; }
point() {
    echo "$*" >>"$PLACE/log"
    if [ ! -e "$CLOSED" ]; then
        grep -qx "$(state)" "$PLACE/tried" || echo "$*" >>"$PLACE/untried"
        wc -l <"$PLACE/log" | tee -a "$PLACE/receipts" >>"$PLACE/database"
    fi
    if [ "$(wc -l <"$PLACE/log")" = "${KILL:-}" ]; then kill -9 0; fi
}
sync() { point "sync"; command sync "$@"; }
mv() { point "mv"; command mv "$@"; }
rm() { point "rm"; command rm "$@"; }
sleep() { SECONDS=$((SECONDS + 60)); }
systemctl() { point "systemctl $*"; [ "$1" != list-units ]; }
clone_is_there() { true; }
configuration_is_there() { true; }
site_is_open() { [ ! -e "$CLOSED" ]; }
fill_environment() { point "packages"; }
make_environment() { point "environment"; }
keep_environment() { point "keep"; }
make_command() { point "command"; }
may_migrate() { point "may migrate"; }
collect_files() { point "collect"; }
put_units() { point "units"; }
put_copy() { point "copy"; }
packages_are_there() { true; }
give_nginx_room() { point "room"; }
certificate_is_there() { true; }
put_nginx_site() { point "nginx"; }
start_units() { point "start"; }
broken() { [ -e "$PLACE/broken-$1" ] && [ "$(cat "$PLACE/head")" = new ]; }
migrate() {
    if broken migrate; then return 1; fi
    if [ "$(cat "$PLACE/head")" = new ]; then sed -i '1s/.*/2/' "$PLACE/database"; point "migrated"; fi
}
try_release() {
    point "trial"
    if broken trial; then return 1; fi
    case $(state) in "schema 1 with old" | "schema 2 with new") state >>"$PLACE/tried" ;; *) return 1 ;; esac
}
is_healthy() { point "healthy"; site_is_open && ! broken unit; }
in_clone() {
    case "$1 $2" in
        "tag --list") printf 'v1.10.0\nv1.9.0\nv2.0.0-rc1\n' | sort -rV ;;
        "rev-parse HEAD") cat "$PLACE/head" ;;
        "rev-parse --verify") echo new ;;
        "merge-base --is-ancestor") false ;;
        "checkout --quiet") point "before checkout"; echo "$4" >"$PLACE/head"; point "checkout $4" ;;
        "log -1") cat "$PLACE/head" ;;
    esac
}
is_signed() { [ ! -e "$PLACE/unsigned" ]; }
lacks() { cat "$PLACE/lacks" 2>/dev/null || true; }
manage() {
    point "manage $1"
    case "$1" in
        backup) cp "$PLACE/database" "$PLACE/made"; echo "$PLACE/bluezone-1.pgdump: 1 MiB" ;;
        dbshell) sed 1q "$PLACE/database" ;;
        restore)
            from=$PLACE/made
            case "$2" in *given*) from=$PLACE/given ;; esac
            [ "${3:-}" = --over ] || [ "$(grep -vxFf "$from" "$PLACE/database" | sed 1d)" = "" ] || return 1
            cp "$from" "$PLACE/database.new"; command mv "$PLACE/database.new" "$PLACE/database"
            [ ! -e "$PLACE/broken-restore" ] || [ "$from" = "$PLACE/made" ] ;;
    esac
    point "managed $1"
}
turn_to() { in_clone checkout --quiet --detach "$1" && DO=apply bash "$PLACE/script"; }
eval "$DO"
"""


def functions_and_commands():
    """The two parts of the script, which here accepts any user and any system."""
    text = SCRIPTS[0].read_text().replace('$(id -u)" = 0', '0" = 0').replace("/etc/debian_version", "/dev/null")
    text = text.replace("/run/systemd/system", "/")
    first_command = text.index('if [ -n "$certificate$key"')
    return text[:first_command], text[first_command:]


@dataclass
class Machine:
    place: Path

    def __post_init__(self):
        functions, _commands = functions_and_commands()
        (self.place / ".venvs").mkdir()
        (self.place / "script").write_text(functions + WORLD)
        (self.place / "install.sh").touch()
        (self.place / "bluezone-report").touch()
        self.write(head="old", database="1\n5\n6", receipts="5\n6", tried="schema 1 with old", log="")

    def write(self, **files):
        for name, text in files.items():
            (self.place / name.replace("_", "-")).write_text(f"{text}\n" if text else "")

    def read(self, name):
        file = self.place / name
        return file.read_text().split("\n")[:-1] if file.exists() else []

    def run(self, do, kill=0):
        """The exit code, and what it says; 137 if it was killed at that command."""
        done = subprocess.run(
            ["bash", self.place / "script"],
            env={**os.environ, "PLACE": str(self.place), "DO": do, "KILL": str(kill or "")},
            capture_output=True,
            text=True,
            start_new_session=True,
            timeout=60,
        )
        return (137 if done.returncode == -9 else done.returncode), done.stdout + done.stderr

    def is_closed(self):
        return (self.place / "closed").exists()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_upgrade_closes_the_site_before_the_backup_and_goes_to_the_newest_tag(machine):
    code, said = machine.run("upgrade")
    assert (code, machine.is_closed(), machine.read("head")) == (0, False, ["new"]), said
    log = machine.read("log")
    stopped = [line for line in log if line.startswith("systemctl stop")]
    assert stopped[0] == "systemctl stop bluezone-report.socket bluezone-report-*.timer"
    assert stopped[1] == "systemctl stop bluezone-report.service bluezone-report-*.service"
    assert log.index(stopped[1]) < log.index("manage backup") < log.index("checkout new") < log.index("trial")
    assert "v1.10.0" in said


@pytest.mark.parametrize(("broken", "restored"), [("migrate", 0), ("trial", 1)])
def test_release_that_does_not_serve_is_taken_back(broken, restored, machine):
    machine.write(**{f"broken_{broken}": "x"})
    code, said = machine.run("upgrade")
    assert (code, machine.is_closed(), machine.read("head"), "went back" in said) == (1, False, ["old"], True)
    assert machine.read("log").count("managed restore") == restored


def test_report_that_came_in_while_the_site_was_open_is_not_given_up(machine):
    """The release passed its trial, was opened and then failed; the next run goes on with it."""
    machine.write(broken_unit="x")
    code, said = machine.run("upgrade")
    assert (code, machine.is_closed(), "the database was not restored" in said) == (1, True, True)
    (machine.place / "broken-unit").unlink()  # the operator repairs it
    code, said = machine.run("finish")
    assert (code, machine.is_closed(), machine.read("head")) == (0, False, ["new"]), said
    assert set(machine.read("receipts")) <= set(machine.read("database"))


def test_release_that_nobody_has_signed_or_that_is_older_than_the_database_is_refused(machine):
    machine.write(unsigned="x")
    code, said = machine.run("upgrade")
    assert (code, "is not signed" in said, "--unsigned" in said) == (1, True, True)
    assert machine.run("unsigned=1; upgrade")[0] == 1  # it must be named
    machine.write(lacks="0002_more")
    code, said = machine.run("unsigned=1; release=v1.9.0; upgrade")
    assert (code, "lacks 0002_more" in said, "--restore" in said) == (1, True, True)
    assert not [line for line in machine.read("log") if line.startswith("systemctl")]


UPGRADE, RESTORE = "upgrade", 'begin "a restore" old "$PLACE/given" --over; finish'
WAYS = {  # what happens, the broken part, the releases that may serve afterwards
    "upgrade": (UPGRADE, None, {"new"}),
    "upgrade whose migration fails": (UPGRADE, "migrate", {"old"}),
    "upgrade whose trial fails": (UPGRADE, "trial", {"old"}),
    "restore": (RESTORE, None, {"old"}),
    "restore that fails": (RESTORE, "restore", {"old"}),
}


@pytest.mark.matrix
@pytest.mark.parametrize("way", WAYS)
def test_script_that_is_killed_at_any_command_is_finished_by_the_next_run(way, tmp_path):
    do, broken, releases = WAYS[way]
    for kill in count(1):
        folder = tmp_path / str(kill)
        folder.mkdir()
        machine = Machine(folder)
        machine.write(given="1\n5\n6\n7", **({f"broken_{broken}": "x"} if broken else {}))
        code, _said = machine.run(do, kill)
        if code != 137:
            assert kill > 40
            break
        began = (folder / "transaction").exists()
        again, said = machine.run("if is_under_way; then finish; else site_is_open || open_site; fi")
        told = f"{kill}, at {machine.read('log')[kill - 1]}: {said}"
        assert again in (0, 1), told
        assert (machine.is_closed(), (folder / "transaction").exists()) == (False, False), told
        assert machine.read("untried") == [], told
        assert machine.read("head")[0] in (releases if began else {"old", *releases}), told
        assert machine.read("database")[0] == {"old": "1", "new": "2"}[machine.read("head")[0]], told
        if do == UPGRADE:
            assert set(machine.read("receipts")) <= set(machine.read("database")), told


def test_certificate_renewed_while_the_site_is_closed_opens_nothing(tmp_path):
    """A timer may renew it in the middle of a restore."""
    functions, commands = functions_and_commands()
    stubs = f"""{WORLD}
    CLOSED=$PLACE/closed
    certificate_is_there() {{ [ -e "$PLACE/put" ]; }}
    put_certificate() {{ touch "$PLACE/put"; }}
    certificate_is_served() {{ true; }}
    install_all() {{ point "install all"; }}
    """
    (tmp_path / "closed").write_text("closed by hand\n")
    options = ["--certificate", SCRIPTS[0], "--key", SCRIPTS[0]]
    done = subprocess.run(
        ["bash", "-c", functions + stubs + commands.replace("/run/lock", str(tmp_path)), SCRIPTS[0], *options],
        env={**os.environ, "PLACE": str(tmp_path), "DO": ""},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "The site is closed" in done.stdout) == (0, True), done.stderr
    assert ((tmp_path / "put").exists(), (tmp_path / "log").exists()) == (True, False)


def pair(folder, name, *, host="a.vn", begins=-1, ends=90, password=b""):
    """The files of a certificate and its key; the days are from today."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now, names = datetime.now(UTC), x509.SubjectAlternativeName([x509.DNSName(host)])
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now + timedelta(begins)).not_valid_after(now + timedelta(ends))
    encoding = serialization.Encoding.PEM
    hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    texts = [
        made.add_extension(names, critical=True).sign(key, hashes.SHA256()).public_bytes(encoding),
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, hidden),
    ]
    files = [folder / f"{name}.pem", folder / f"{name}.key"]
    for file, text in zip(files, texts, strict=True):
        file.write_bytes(text)
    return files


@pytest.mark.skipif(not shutil.which("openssl"), reason="apt-get install openssl")
def test_certificate_that_would_not_serve_the_site_leaves_the_one_before(tmp_path):
    functions, _commands = functions_and_commands()
    for place in ("/etc/bluezone-report", "/etc/nginx"):
        functions = functions.replace(f"={place}", f"={tmp_path}{place}")
    nginx = 'nginx() { [ ! -e "$TLS/refuses" ]; }'  # as root openssl and install read any file

    def put(certificate, key):
        command = ["bash", "-c", f"{functions}\n{nginx}\nput_certificate", SCRIPTS[0], "--host", "a.vn"]
        done = subprocess.run(
            [*command, "--certificate", certificate, "--key", key], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr

    good, key = pair(tmp_path, "good")
    key.chmod(0o644)
    assert put(good, key) == (0, "")
    tls = tmp_path / "etc/bluezone-report/tls"
    installed = [tls / "pair/fullchain.pem", tls / "pair/privkey.pem"]
    assert [(file.read_bytes(), file.stat().st_mode & 0o777) for file in installed] == [
        (good.read_bytes(), 0o644),
        (key.read_bytes(), 0o600),
    ]

    wrong = [
        ("not a pair", [good, pair(tmp_path, "other")[1]]),
        ("not a pair", [key, key]),
        ("not valid today", pair(tmp_path, "ended", begins=-90, ends=-1)),
        ("not valid today", pair(tmp_path, "early", begins=1)),
        ("not for a.vn", pair(tmp_path, "elsewhere", host="b.vn")),
        ("no private key without a password", pair(tmp_path, "locked", password=b"secret")),
        ("no private key without a password", [good, good]),
    ]
    before = os.readlink(tls / "pair")
    for why, files in wrong:
        code, said = put(*files)
        assert (code, why in said) == (1, True), (why, said)
    (tmp_path / "etc/nginx/sites-enabled").mkdir(parents=True)
    (tmp_path / "etc/nginx/sites-enabled/bluezone-report").touch()
    (tls / "refuses").touch()
    code, said = put(*pair(tmp_path, "next"))
    assert (code, "nginx does not take it" in said) == (1, True), said
    assert os.readlink(tls / "pair") == before
    (tls / "refuses").unlink()
    assert put(*pair(tmp_path, "after")) == (0, "")
    assert os.readlink(tls / "pair") != before
