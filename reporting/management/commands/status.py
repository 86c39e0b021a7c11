import time
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from prometheus_client.metrics_core import Metric

from reporting import clock
from reporting.operation import metrics, readiness
from reporting.operation.readiness import Part, Verdict

SERVER = Path("/run/bluezone-report/metrics")  # of the server that systemd runs: deploy/gunicorn.conf.py
SLOW = 2.5  # seconds for one in twenty of the reports
WHAT_TO_DO = {
    "today": "look at the boards of the districts; a power cut or a storm: extend the hour on “Thiết lập đợt”",
    "requests": "journalctl -u bluezone-report -p warning; somebody holds a lock: docs/operating.md, “Each evening”",
    "static": "deploy/install.sh",
    "disk": "make room, or set FREE_AT_LEAST",
    "certificate": "renew it: docs/operating.md, “Install”",
    "database": "systemctl status postgresql 'postgresql@*'; journalctl -u 'postgresql@*'",
    "migrations": "deploy/install.sh",
    "clock": "timedatectl: keep NTP running on both machines",
    "seal": "journalctl -u bluezone-report-seal; seal on the day's page",
    "mails": "journalctl -u bluezone-report-deliver; is the server of EMAIL_URL there?",
    "backup": "journalctl -u bluezone-report-backup; then systemctl start bluezone-report-backup",
    "verify": "bluezone-report verify names what differs; docs/tampering.md",
}


class Command(BaseCommand):
    help = "How the product stands, in at most twelve lines, with what to do; exits 1 unless all of it is in order."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--seconds", type=float, default=10, help="how long to watch the requests (default: 10)")

    def handle(self, *, seconds, **options):
        parts = [*_requests(seconds), *readiness.parts()]
        if readiness.can_read(parts):
            parts.insert(0, _today())
        for part in parts:
            to_do = "" if part.verdict is Verdict.OK else f" -> {WHAT_TO_DO[part.name]}"
            self.stdout.write(f"{part.verdict.value:<8} {part.name:<12} {part.detail}{to_do}".rstrip())
        if {part.verdict for part in parts} != {Verdict.OK}:
            raise CommandError("not all is in order")


def _today() -> Part:
    """Before the hour: who has reported. As the alert has it, more than half of them silent near the hour are many."""
    said, is_well = [], True
    for code, counts, minutes in metrics.cities_today(clock.now()):
        expected, silent = counts["expected"], counts["not_reported"]
        said.append(f"{code}: {expected - silent} of {expected} reported")
        if minutes is not None:
            said[-1] += f", {abs(minutes):.0f} minutes {'to' if minutes > 0 else 'past'} the hour"
            is_well = is_well and not (silent > expected / 2 and 0 < minutes <= 15)
    return Part("today", Verdict.OK if is_well else Verdict.WARNING, "; ".join(said) or "nothing is due")


def _requests(seconds: float) -> Iterator[Part]:
    """What the server answers meanwhile: errors, and how long a report takes."""
    if not SERVER.is_dir():
        return
    before = _samples()
    time.sleep(seconds)
    grown = [(name, labels, value - before.get((name, labels), 0)) for (name, labels), value in _samples().items()]
    answers = [(dict(labels)["status"], count) for name, labels, count in grown if name == "bluezone_requests_total"]
    errors = sum(count for status, count in answers if status.startswith("5"))
    buckets = {}
    for name, labels, count in grown:
        if name == "bluezone_request_seconds_bucket" and {("view", "reporting:report"), ("method", "POST")} < {*labels}:
            buckets[float(dict(labels)["le"])] = count
    reports = max(buckets.values(), default=0)
    detail = f"{sum(count for _status, count in answers):.0f} in {seconds:.0f} s, {errors:.0f} errors"
    within = 0.0
    if reports:
        within = min(bound for bound, count in buckets.items() if count >= 0.95 * reports)
        detail += f"; reports take {within:g} s at most"
    yield Part("requests", Verdict.WARNING if errors or within > SLOW else Verdict.OK, detail)


def _samples() -> dict[tuple[str, tuple], float]:
    families: list[Metric] = list(metrics.counted(str(SERVER)).collect())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }
