import shutil
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from reporting import clock, deadline
from reporting.days.look_back import LookBack
from reporting.exports import data_package, tidy
from reporting.exports.annex import printed_annex
from reporting.exports.stamp import Range
from reporting.exports.workbook.day import day_workbook
from reporting.exports.workbook.many_days import range_workbook
from reporting.figures import rollup
from reporting.models import Seal, Unit
from reporting.operation import backup


class Command(BaseCommand):
    help = (
        "Write the campaign into one folder if `verify` finds nothing: a workbook of each day as sealed; all days "
        "as workbook, CSV and data package; the sealed tables; a backup with its ledger; a digest of every file."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="it must not exist yet")
        parser.add_argument("--unit", help="code of the city, if there are several")

    def handle(self, *, folder, unit, **options):
        if folder.exists():
            raise CommandError(f"{folder} is there already: nothing was written")
        self.at = clock.now()
        today = deadline.reporting_day(self.at)
        cities = [city for city in Unit.objects.sealing().named(today) if unit in (None, city.code)]
        if len(cities) != 1:
            raise CommandError("name one city with --unit" if cities else "there is no such city")
        [city] = cities
        days = sorted(rollup.campaign_days(city, today))
        if not days:
            raise CommandError("there is no campaign yet")
        call_command("verify", stdout=self.stdout)  # exits 1 when anything differs
        unfinished = folder.with_name(f".{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True, mode=0o700)
        with translation.override(settings.LANGUAGE_CODE):
            self._write(unfinished, city, days)
        unfinished.replace(folder)
        self.stdout.write(f"{folder}: {len(days)} days of {city.full_name}")

    def _write(self, folder, city, days):
        seals = {}
        for seal in Seal.objects.filter(unit=city).order_by("at"):
            seals[seal.day] = seal  # the last seal of a day counts
            name = f"ban-chot-{city.code}-{seal.day}-{seal.at:%Y%m%dT%H%M%SZ}.txt"
            (folder / name).write_text(seal.table, encoding="utf-8")
        for day in days:
            seal = seals.get(day)
            figures = rollup.rows(city, day, seal and seal.at, at=self.at)
            annex = printed_annex(city, figures, at=self.at, seal=seal)
            (folder / f"bluezone-{city.code}-{day}{'-chot' if seal else ''}.xlsx").write_bytes(day_workbook(annex))
        whole = Range(unit=city, first=days[0], last=days[-1], at=self.at, look=LookBack(days[-1]))
        name = f"bluezone-{city.code}-{days[0]}-{days[-1]}"
        with (folder / f"{name}.xlsx").open("wb") as out:
            range_workbook(whole, out)
        with (folder / f"{name}.csv").open("wb") as out:
            out.writelines(tidy.office_csv(whole, settings.LANGUAGE_CODE))
        with (folder / f"{name}.zip").open("wb") as out:
            data_package.write(out, whole, Unit.objects.below(city))
        backup.take_backup(folder, key=settings.BACKUP_KEY)
        files = sorted(path for path in folder.iterdir() if path.suffix != backup.DIGEST)
        lines = [f"{backup.digest_of(path)}  {path.name}\n" for path in files]
        (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
