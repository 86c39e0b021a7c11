"""Accounts: who works in which unit. Each new account gets a one-time password and a slip; known ones stay as they are.

The user name, by default the mobile number, identifies a person.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Count, Prefetch
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from ... import deadline
from ...acts.unit_register import BadFile
from ...models import AccessRecord, Unit, User
from ...models.audit import LONGEST_DETAIL, LONGEST_NAME
from ...people import access, accounts
from ...text import names, parsing, unit_kinds
from ...text.formatting import number
from ..columns import PHONE as TELEPHONE, UNIT, Column, Kind
from ..layout import TOTAL, SheetLine, Table
from ..plan import LineReader, Made, Plan, Row, RowOutcome, Sent, rows_of, text, unchanged
from ..unit_lines import Directory, resolve

FAMILY, PERSON, PHONE, MAIL, VIEWER, USERNAME = "family", "person", "phone", "email", "viewer", "username"
FIELDS = ("last_name", "first_name", "phone", "email", "is_viewer")  # from the file, beside the unit
WRITTEN = (*FIELDS, "unit", *accounts.OF_A_NEW_PASSWORD)
MOST_PEOPLE = 500  # in one file: their slips are one page
READ = (PERSON, PHONE, MAIL, VIEWER, USERNAME)  # a line without any of them names nobody
YES, NO = {"x", "v", "co", "1", "yes", "true", "✓"}, {"", "khong", "ko", "0", "no", "false", "-"}
NINE = 9  # digits of a mobile number without its zero


def fields_of(person: User) -> list:
    """What a file says of a person, as JSON: the unit by its code."""
    return [person.unit.code, *(getattr(person, name) for name in FIELDS)]


def is_unused(person: User) -> bool:
    """Whether nobody has ever signed in with the account."""
    return person.first_signed_in_at is None and person.last_login is None


Ready = tuple[list[User], list[str]]  # the accounts to write and the hashes of their passwords


def plan(table: Table, sent: Sent) -> Plan:
    directory = scope(sent, {deadline.reporting_day(sent.at)})
    lines, rows = _named_lines(table)
    if len(lines) > MOST_PEOPLE:
        reader, shown = LineReader(lines[MOST_PEOPLE]), {"n": MOST_PEOPLE, "people": number(len(lines))}
        reader.refuse(PERSON, _("A file may name at most %(n)s people; this one names %(people)s. Split it.") % shown)
        return Plan(reader.rows, [])
    resolved, others = resolve(replace(table, lines=lines), directory, has_groups=False)
    readers = [PersonReader(reader.line, unit=reader.unit) for reader in resolved]
    first = {reader.username.lower(): reader for reader in reversed(readers)}
    still_stands = unchanged(partial(_state_of_accounts, frozenset(first)))
    stored = {person.username.lower(): person for person in User.objects.all()}
    manageable = {person.username.lower() for person in access.manageable_people(sent.by)}
    writes = []
    for reader in readers:
        username = reader.username.lower()
        person, other = stored.get(username), first[username]
        if reader.username and other is not reader:
            words = _("The user name %(name)s is already in line %(line)s.")
            reader.refuse(reader.key_of_username, words % {"name": reader.username, "line": other.line.row})
        elif reader.is_refused:
            continue
        elif person is None or (username in manageable and is_unused(person) and not person.is_active):
            writes.append(reader.account(person))
        elif username in manageable:
            words = _("This user name has an account, which a file does not change: use the page “Accounts”.")
            reader.tell(PERSON, RowOutcome.LEFT_OUT, "", person.get_full_name(), words, what=person.username)
        else:
            reader.refuse(reader.key_of_username, _("This user name is taken."))
    words = ngettext(
        "%(n)s slip with a one-time password is shown right after recording: print it within the hour.",
        "%(n)s slips with one-time passwords are shown right after recording: print them within the hour.",
        len(writes),
    )
    outlook = [words % {"n": number(len(writes))}] if writes else []
    return Plan(rows + others + rows_of(readers), writes, still_stands, outlook=outlook)


def make_ready(people: list[User], sent: Sent) -> Ready:
    """Hash the one-time passwords outside the lock: 300 passwords take a second."""
    return people, [accounts.one_time_hash(password_of(sent, person.username)) for person in people]


def password_of(sent: Sent, username: str) -> str:
    """The one-time password of a slip. It is computed from the file's seed and stored nowhere."""
    about = f"{sent.options['seed']} {username}"
    number = int.from_bytes(salted_hmac("slip of an import", about, algorithm="sha256").digest())
    letters = []
    for _letter in range(accounts.GROUPS * accounts.GROUP):
        number, place = divmod(number, len(accounts.ALPHABET))
        letters.append(accounts.ALPHABET[place])
    return "-".join("".join(letters[n :: accounts.GROUPS]) for n in range(accounts.GROUPS))


def slips(usernames: Sequence[str], sent: Sent, made_at: datetime) -> list[accounts.Slip]:
    """The slips of a file in tree order. People who have chosen their own password since then get none."""
    people = User.objects.filter(username__in=usernames, must_change_password=True, is_active=True)
    named = Prefetch("unit", Unit.objects.named(deadline.reporting_day(made_at)))
    people = people.filter(password_expires_at=made_at + accounts.SERVES).prefetch_related(named)

    def place(person: User) -> tuple:
        name = f"{person.first_name} {person.last_name} {person.username}"
        return person.unit.is_agency, person.unit.path, names.sort_key(name)

    return [
        accounts.Slip(one, one.unit.full_name, password_of(sent, one.username), one.password_expires_at)
        for one in sorted(people, key=place)
    ]


def write(ready: Ready, sent: Sent, *, now: datetime) -> Made:
    """Write the accounts. Its rows: user name and fields. Raises `BadFile` if somebody has just taken a user name."""
    people, hashes = ready
    for person, password in zip(people, hashes, strict=True):
        accounts.set_one_time_password(person, password, at=sent.at)
    User.objects.bulk_update([person for person in people if person.pk], WRITTEN, batch_size=100)
    try:
        User.objects.bulk_create(person for person in people if not person.pk)
    except IntegrityError as error:
        raise BadFile([]) from error
    about = {"at": sent.at, "by": sent.by, "by_name": sent.by.display_name[:LONGEST_NAME], "address": sent.address}
    with translation.override(settings.LANGUAGE_CODE):
        about["detail"] = (_("by the file %(name)s") % {"name": sent.source.partition(" sha256:")[0]})[:LONGEST_DETAIL]
    AccessRecord.objects.bulk_create(
        AccessRecord(kind=AccessRecord.Kind.PERSON_ADDED, about=person, unit=person.unit, **about) for person in people
    )
    return Made([[one.username, fields_of(one)] for one in people], [person.username for person in people])


def scope(sent: Sent, days: set[date]) -> Directory:
    """The units whose accounts the person manages: a city all units, a district its communes."""
    on = max(days)
    own = Unit.objects.named(on).filter(pk=sent.by.unit_id) if sent.by.unit.is_under_seal else []
    return Directory(
        [*access.units_for_people(sent.by, on).named(on), *own], lambda unit, _is_superior: unit not in own
    )


def _named_lines(table: Table) -> tuple[list[SheetLine], list[Row]]:
    """The lines that name a person (Tống Toàn is no "tổng"), and a row for each other line: sums, groups ("Quận X")."""
    lines, rows = [], []
    for line in table.lines:
        keys = [key for key in READ if key in line.cells]
        name = line.text(PERSON)
        if keys and not (keys == [PERSON] and (TOTAL.fullmatch(names.fold(name)) or unit_kinds.kind_of(name))):
            lines.append(replace(line, total=""))
        else:
            words, called = _("Nobody is named in this line: it is left out."), line.text("name") or line.text("code")
            rows.append(Row(line.where(keys[0] if keys else "name"), called, "", RowOutcome.LEFT_OUT, words=words))
    return lines, rows


class PersonReader(LineReader):
    """Reads the person in a line: `person` is an account that is not stored."""

    def __init__(self, line: SheetLine, *, unit: Unit):
        super().__init__(line, unit=unit)
        written = {key: self.take(text, key) or "" for key in READ}
        *family, given = f"{line.text(FAMILY)} {written[PERSON]}".split() or [""]
        phone, viewer = _with_zero(written[PHONE]), names.fold(written[VIEWER])
        username = written[USERNAME] if len(written[USERNAME]) != NINE else _with_zero(written[USERNAME])
        self.username = User.normalize_username(username) or accounts.usual_username(phone)
        self.key_of_username = USERNAME if USERNAME in line.cells else PHONE
        fields = {"last_name": " ".join(family), "first_name": given, "phone": phone, "email": written[MAIL]}
        self.person = User(username=self.username, unit=unit, is_viewer=viewer in YES, **fields)
        if not self.is_refused:
            self._check(viewer)

    def _check(self, viewer: str) -> None:
        keys = {"last_name": PERSON, "first_name": PERSON, "phone": PHONE, "email": MAIL, "username": USERNAME}
        if not self.person.first_name:
            self.refuse(PERSON, _("The name is missing."))
        if self.person.phone and not parsing.is_phone(self.person.phone):
            words = _("“%(value)s” is not a telephone number like 0912 345 678.")
            self.refuse(PHONE, words % {"value": self.person.phone[:40]})
        elif not self.username:
            self.refuse(USERNAME, _("Enter a user name or a mobile number."))
        if viewer not in YES | NO:
            words = _("“%(value)s” is neither “có” (or x) nor “không”.")
            self.refuse(VIEWER, words % {"value": self.line.text(VIEWER)[:40]})
        try:
            self.person.clean_fields(exclude={one.name for one in User._meta.fields} - keys.keys())
        except ValidationError as error:
            for name, words in error.message_dict.items() if self.username else ():
                self.refuse(keys[name], " ".join(words))

    def account(self, stored: User | None) -> User:
        """The account as it will be stored: a new one, or one that was closed before anybody used it."""
        person, about = stored or self.person, self.person
        for name in ("unit", *FIELDS):
            setattr(person, name, getattr(about, name))
        parts = [_("a new account"), person.phone, person.email, _("read only") if person.is_viewer else ""]
        words = "; ".join(filter(None, parts))
        self.tell(PERSON, RowOutcome.NEW, "", person.get_full_name(), words, what=person.username)
        return person


def _with_zero(written: str) -> str:
    """The number with the plus or zero that Excel drops: 0912345678 for 912345678."""
    ways = (f"+{written}", written, f"0{written}") if written.isdecimal() else (written,)
    return next(filter(parsing.is_phone, ways), written)


def _state_of_accounts(usernames: frozenset[str]) -> tuple:
    """The state of the units and of the accounts that the file names."""
    people = User.objects.order_by("pk").values_list(
        "username", "is_active", "unit", "first_signed_in_at", "last_login"
    )
    units = Unit.objects.aggregate(Count("pk"), Count("closed_on"))
    return (*units.values(), *(values for values in people if values[0].lower() in usernames))


KIND = Kind(
    "people",
    gettext_lazy("Accounts"),
    gettext_lazy("Who works in which unit: new accounts with their slips."),
    (
        *UNIT,
        Column(PERSON, gettext_lazy("Full name"), note=gettext_lazy("Family name first. One line for each person.")),
        Column(FAMILY, gettext_lazy("Family name, if the given name has its own column"), in_template=False),
        replace(TELEPHONE, note=gettext_lazy("The mobile number: it becomes the user name unless another is given.")),
        Column(MAIL, gettext_lazy("Mail")),
        Column(VIEWER, gettext_lazy("Read only"), note=gettext_lazy("“có” or “x” for a leader.")),
        Column(USERNAME, gettext_lazy("User name"), note=gettext_lazy("Only if it is not the mobile number.")),
    ),
    plan,
    write,
    scope=scope,
    make_ready=make_ready,
    needs=((PERSON,), ("code", "name")),
    is_for_districts=True,
    hands_out=True,
)
