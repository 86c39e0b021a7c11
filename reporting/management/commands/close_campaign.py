import shutil
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from reporting import clock, deadline
from reporting.days import hours_in_force, look_back
from reporting.exports import tidy
from reporting.exports.annex import printed_annex
from reporting.exports.stamp import Range
from reporting.exports.workbook.day import day_workbook
from reporting.exports.workbook.many_days import range_workbook
from reporting.figures import rollup, since_seal
from reporting.models import LateRequest, Report, Seal, Unit
from reporting.operation import backup
from reporting.text import formatting

OURS = ("backups", "before", "restore", "ledger", "ledger.new", "backup.json", "verify.json")  # in STATE_DIRECTORY
ELSEWHERE = (  # what only the administrator of a machine may delete
    "/var/lib/postgresql/archive, /var/lib/postgresql/*/main.before-*",
    "/etc/bluezone-report.env*, /etc/bluezone-report, /var/lib/bluezone-report, /var/log/nginx/bluezone-report.log*",
    "journalctl --rotate; journalctl --vacuum-time=1s",
)


class Command(BaseCommand):
    help = (
        "Close the campaign, step by step: says what is missing; --archive writes it, encrypted; --destroy deletes the "
        "database and every backup, once the archive was restored on another machine, and writes a record to sign."
    )

    def add_arguments(self, parser):
        parser.add_argument("--archive", type=Path, help="the folder of the archive")
        parser.add_argument("--proof", default="", help="what `restore` of that archive printed on the other machine")
        parser.add_argument("--destroy", action="store_true", help="delete; it cannot be undone")

    def handle(self, *, archive, proof, destroy, **options):
        self.at = clock.now()
        city = Unit.objects.sealing().named(deadline.reporting_day(self.at)).order_by("path").first()
        if missing := list(self._missing(city)):
            self.stdout.writelines(f"missing  {line}\n" for line in missing)
            raise CommandError("the campaign cannot be closed yet; nothing was changed")
        self.stdout.write("ok       every day is sealed, nothing waits, and no day can be corrected any more")
        if not archive:
            self.stdout.write("Next: close_campaign --archive FOLDER")
        elif not destroy:
            if archive.exists():
                raise CommandError(f"{archive} is there already: nothing was written")
            call_command("verify", stdout=self.stdout)  # exits 1 when anything differs
            unfinished = archive.with_name(f".{archive.name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True, mode=0o700)
            with translation.override(settings.LANGUAGE_CODE):
                self._archive(unfinished, city)
            unfinished.replace(archive)
            self.stdout.write(f"Next: restore the backup of {archive} on another machine, with its key and `verify`.")
            self.stdout.write("Then: close_campaign --destroy --archive FOLDER --proof (what restore printed)")
        else:
            self._destroy(city, archive, proof)

    def _missing(self, city):
        reported = Report.objects.filter(kind=Report.Kind.DAILY).order_by("-day").first()
        if not city or not reported:
            yield "there is no campaign: nobody has reported"
            return
        days = rollup.campaign_days(city, reported.day)
        ends = hours_in_force.hours_of_day(reported.day).corrections_end
        if self.at < ends:
            yield f"{reported.day} can be corrected until {ends:%Y-%m-%d %H:%M}"
        seals = look_back.newest_seals(city, days[-1], days[0])
        for day in reversed(days):
            if day in seals:
                if since_seal.changes(city, rollup.rows(city, day, at=self.at), seals[day]):
                    yield f"{day} has changed since its seal: seal it again"
            elif hours_in_force.hours_of_day(day).seals_from(city.path):
                yield f"{day} is not sealed"
        if waiting := LateRequest.objects.waiting().count():
            yield f"{waiting} late requests wait"
        if not settings.BACKUP_KEY:
            yield "BACKUP_KEY is not set: the archive would not be encrypted"

    def _archive(self, folder, city):
        """Write each day's workbook as sealed, all days as workbook and CSV, the sealed tables, a backup."""
        seals = {}
        for seal in Seal.objects.filter(unit=city).order_by("at"):
            seals[seal.day] = seal  # the last seal of a day counts
            name = f"ban-chot-{city.code}-{seal.day}-{seal.at:%Y%m%dT%H%M%SZ}.txt"
            (folder / name).write_text(seal.table, encoding="utf-8")
        days = sorted(rollup.campaign_days(city, deadline.reporting_day(self.at)))
        for day in days:
            seal = seals.get(day)
            figures = rollup.rows(city, day, seal and seal.at, at=self.at)
            annex = printed_annex(city, figures, at=self.at, seal=seal)
            (folder / f"bluezone-{city.code}-{day}{'-chot' if seal else ''}.xlsx").write_bytes(day_workbook(annex))
        whole = Range(unit=city, first=days[0], last=days[-1], at=self.at, look=look_back.LookBack(days[-1]))
        name = f"bluezone-{city.code}-{days[0]}-{days[-1]}"
        with (folder / f"{name}.xlsx").open("wb") as out:
            range_workbook(whole, out)
        with (folder / f"{name}.csv").open("wb") as out:
            out.writelines(tidy.days_csv(whole))
        backup.take_backup(folder, key=settings.BACKUP_KEY)
        files = sorted(path for path in folder.iterdir() if path.suffix != backup.DIGEST)
        lines = [f"{backup.digest_of(path)}  {path.name}\n" for path in files]
        (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")

    def _destroy(self, city, archive, proof):
        files = [path for path in archive.glob("bluezone-*Z.*") if path.suffix not in (backup.LEDGER, backup.DIGEST)]
        if len(files) != 1 or not proof or proof != backup.proof_of(files[0]):
            raise CommandError("this is not what `restore` of the archive's backup prints; nothing was destroyed")
        destroyed = [backup.destroy_database()]
        for place in filter(None, (settings.STATE_FOLDER, settings.BACKUP_COPY)):
            names = OURS if place == settings.STATE_FOLDER else []
            for path in [*(place / name for name in names), *place.glob("bluezone-*Z.*")]:
                if path.exists():
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                    destroyed.append(str(path))
        record = archive.with_name(f"{archive.name}-bien-ban.txt")
        with translation.override(settings.LANGUAGE_CODE):
            record.write_text(self._record(city, archive, files[0], proof, destroyed), encoding="utf-8")
        self.stdout.write(f"destroyed: {len(destroyed)}. The record to sign: {record}")

    def _record(self, city, archive, file, proof, destroyed):
        unchecked = [f"[ ] {words}" for words in (*ELSEWHERE, _("the witness's and the second server's copies"))]
        return "\n".join([
            _("RECORD OF THE END OF THE CAMPAIGN AND OF THE DESTRUCTION OF ITS DATA"),
            f"{city.full_name}, {formatting.moment(self.at)}",
            "",
            _("Archive") + f": {archive.name}",
            f"{file.name}: SHA-256 {backup.digest_of(file)}",
            _("Restored and verified on another machine") + f": {proof}",
            "",
            _("Destroyed by the product") + ":",
            *(f"- {words}" for words in destroyed),
            "",
            _("To be destroyed by hand, on every machine") + ":",
            *unchecked,
            "",
            _("Who restored it; who destroyed it; who was present (name, position, signature)") + ":",
            "",
        ])  # fmt: skip
