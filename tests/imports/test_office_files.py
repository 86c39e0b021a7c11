"""Each of the files that offices make is recorded as it says, asked about, or refused with a cell; none is misread."""

from django.utils import translation

from reporting import imports

from .. import factories as f
from .office_files import OfficeFile, all_files
from .test_imports import REPORTS, sent


def outcome(file: OfficeFile, by):
    table = imports.table_of(REPORTS, imports.open_book(file.data, "tệp"), near=f.DAY, choices=file.choices)
    if not table.is_clear:
        return " ".join(imports.problems(table)), None, []
    plan = imports.preview(REPORTS, table, sent(by))
    return "", {(report.unit.code, report.day): report.installs for report in plan.writes}, plan.errors


def test_every_office_file_comes_to_what_it_must(cast, subtests):
    for unit in (cast.commune, cast.neighbour, cast.stranger):
        f.make_report(unit, f.FIRST_DAY, 0, opening=100, covers_from=None)
    files = list(all_files())
    assert (len(files) >= 60, len({file.name for file in files})) == (True, len(files))
    for file in files:
        with subtests.test(file.name), translation.override("vi"):
            asked, recorded, errors = outcome(file, cast.city_clerk)
            words = " ".join(row.words for row in errors)
            if file.asked or file.refused:
                assert (file.asked in asked, file.refused in words, bool(asked), bool(errors)) == (
                    *(True, True, bool(file.asked), bool(file.refused)),
                )
            else:
                assert (asked, words, recorded) == ("", "", file.recorded)
