from django.core.management.base import BaseCommand, CommandError

from reporting import clock
from reporting.operation import machine, metrics, readiness
from reporting.operation.readiness import Part, Verdict

WHAT_TO_DO = {
    "today": "look at the boards of the districts; a power cut or a storm: extend the hour on “Thiết lập đợt”",
    "site": "deploy/install.sh; journalctl -u bluezone-report -u nginx",
    "timers": "journalctl -u the job that it names; then deploy/install.sh",
    "operator": "set EMAIL_URL or install a mail server with sendmail; then systemctl start bluezone-failed@test",
    "static": "deploy/install.sh",
    "disk": "make room, or set FREE_AT_LEAST",
    "certificate": "if the site answers, renew it: docs/operating.md, “Install”",
    "database": "systemctl status 'postgresql@*'; its log and replicas: docs/operating.md, “To any moment”",
    "migrations": "deploy/install.sh; if the database is newer: install.sh --upgrade to its release",
    "clock": "timedatectl: NTP has to run and reach its servers, on the database's machine too",
    "seal": "journalctl -u bluezone-report-seal; seal on the day's page",
    "mails": "journalctl -u bluezone-report-deliver; is the server of EMAIL_URL there?",
    "backup": "journalctl -u bluezone-report-backup; then systemctl start bluezone-report-backup",
    "verify": "systemctl start bluezone-report-verify; bluezone-report verify names what differs; docs/tampering.md",
}


class Command(BaseCommand):
    help = "Print a line for each part: it works, or what to do; exits 1 unless all is in order."
    requires_system_checks = []

    def handle(self, **options):
        parts = list(readiness.parts())
        parts[:0] = machine.parts()
        if readiness.can_read(parts) and not readiness.SECOND.exists():
            parts.insert(0, _today())
        for part in parts:
            to_do = "" if part.verdict is Verdict.OK else f" -> {WHAT_TO_DO[part.name]}"
            self.stdout.write(f"{part.verdict.value:<8} {part.name:<12} {part.detail}{to_do}".rstrip())
        if {part.verdict for part in parts} != {Verdict.OK}:
            raise CommandError("not all is in order")


def _today() -> Part:
    """Today's reports; a warning if more than half are missing in the last 15 minutes before the deadline."""
    lines, is_well = [], True
    for code, counts, minutes in metrics.cities_today(clock.now()):
        expected, missing = counts["expected"], counts["not_reported"]
        lines.append(f"{code}: {expected - missing} of {expected} reported")
        if minutes is not None:
            lines[-1] += f", {abs(minutes):.0f} minutes {'to' if minutes > 0 else 'past'} the hour"
            is_well = is_well and not (missing > expected / 2 and 0 < minutes <= 15)
    return Part("today", Verdict.OK if is_well else Verdict.WARNING, "; ".join(lines) or "nothing is due")
