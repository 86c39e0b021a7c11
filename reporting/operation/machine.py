"""Asks this machine for `status`, as an operator would: the site through its proxy, the timers, a mail to the operator.

Only where deploy/install.sh has installed the product. /readyz does not ask this: a server must not wait for itself.
"""

import http.client
import subprocess  # nosec B404
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from . import readiness
from .readiness import Part, Verdict

UNITS = Path("/etc/systemd/system")
CLOSED = Path("/etc/bluezone-report/closed")
OPERATOR = Path("/var/lib/bluezone-operator")  # of deploy/tell-operator
TOLD_WITHIN = timedelta(days=35)
ASKED = ("Id", "UnitFileState", "ActiveState", "Result", "LastTriggerUSec")


def parts() -> Iterator[Part]:
    """Yields "site" and "operator", on the first server also "timers"; nothing without deploy/install.sh."""
    if not (UNITS / "bluezone-report.service").exists():
        return
    yield _site()
    if not readiness.SECOND.exists():
        yield _timers()
    yield Part("operator", Verdict.OK, "a drill tells nobody") if settings.DRILL else _operator()


def _site() -> Part:
    """Whether the server of this machine answers under the site's name, and is the release that is installed."""
    if CLOSED.exists():
        return Part("site", Verdict.FAILED, f"closed: {CLOSED.read_text(encoding='utf-8').strip()}")
    try:
        release = _ask("/healthz").splitlines()[-1]
    except (OSError, http.client.HTTPException) as error:
        return Part("site", Verdict.FAILED, type(error).__name__)
    if release != settings.RELEASE:
        return Part("site", Verdict.FAILED, f"/healthz says {release[:80]!r} instead of {settings.RELEASE}")
    return Part("site", Verdict.OK, release)


def _ask(path: str) -> str:
    host = settings.ALLOWED_HOSTS[0]
    connection = http.client.HTTPConnection(host, timeout=10)
    if readiness.SECOND.exists():
        address = readiness.SECOND.read_text(encoding="utf-8").partition("ListenStream=")[2].split()[0]
        connection = http.client.HTTPConnection(address, timeout=10)
    else:
        connection.sock = readiness.connect_to_proxy()
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.read().decode(errors="replace").strip() if answer.status == 200 else f"{answer.status}"
    finally:
        connection.close()


def _timers() -> Part:
    """Whether each timer is enabled and runs, and how the last run of its job ended."""
    timers = sorted(path.name for path in UNITS.glob("bluezone-*.timer"))
    known = _states([*timers, *(name.replace(".timer", ".service") for name in timers)])
    ran, wrong = [], []
    for timer in timers:
        name, job = timer.removeprefix("bluezone-").removesuffix(".timer"), timer.replace(".timer", ".service")
        state, result = known.get(timer, {}), known.get(job, {}).get("Result", "unknown")
        if (state.get("UnitFileState"), state.get("ActiveState")) != ("enabled", "active"):
            is_waiting = timer == "bluezone-archive.timer" and state.get("UnitFileState") == "disabled"
            wrong += [] if is_waiting else [f"{timer} is {state.get('UnitFileState')}, {state.get('ActiveState')}"]
        if result != "success":
            wrong.append(f"{job} ended with {result}")
        moment = state.get("LastTriggerUSec", "").split()
        ran.append(f"{name} {moment[2][:5] if len(moment) > 2 else 'never'}")
    return Part("timers", Verdict.FAILED if wrong else Verdict.OK, "; ".join(wrong) or f"last runs: {', '.join(ran)}")


def _states(units: list[str]) -> dict[str, dict[str, str]]:
    """Returns what systemd knows of each unit; nothing if it does not answer."""
    command = ["systemctl", "show", f"--property={','.join(ASKED)}", *units]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20).stdout  # noqa: S603  # nosec B603
    except (OSError, subprocess.SubprocessError):
        return {}
    blocks = [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in said.split("\n\n")]
    return {block["Id"]: block for block in blocks if "Id" in block}


def _operator() -> Part:
    """Whether the last mail to the operator was accepted; not older than five weeks."""
    return readiness.outcome_of("operator", OPERATOR, TOLD_WITHIN)
