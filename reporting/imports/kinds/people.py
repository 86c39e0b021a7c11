"""Accounts: who works in which unit. What is new gets a one-time password and a slip, what is known is changed.

A person is known by the user name, by default the mobile number. Nobody leaves by an import: what a file does not name
stays as it is.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...hours import deadline
from ...models import AccessRecord, Unit, UnitName, User
from ...models.audit import LONGEST_DETAIL, LONGEST_NAME
from ...people import access, accounts
from ...people.accounts import Slip
from ...text import names
from ...text.formatting import day as written_day
from ...text.formatting import number
from ..columns import Kind
from ..layout import SheetLine, Table
from ..plan import LineReader, Plan, Row, RowOutcome, Sent, rows_of, unchanged
from ..unit_lines import Directory, Unknown, resolve
from .people_lines import COLUMNS, MAIL, OF_A_PERSON, PERSON, PHONE, VIEWER, PersonReader

FIELDS = ("unit_id", "last_name", "first_name", "phone", "email", "is_viewer")
MOST_PEOPLE = 500  # of a file: each new one is a hash, and hashing is what a file of them costs
SLIP_FIELDS = ("password", "must_change_password", "password_expires_at")


@dataclass(frozen=True)
class Account:
    """One account as it will stand; `changed` are the keys of the columns that change it, none of a new one."""

    person: User
    changed: tuple[str, ...] = ()
    gets_slip: bool = False
    is_new: bool = False


Ready = tuple[list[Account], dict[str, str]]  # with the hashes of passwords by user name


class PeopleDirectory(Directory):
    """Knows the units that are closed too, to say so."""

    def __init__(self, units, superiors, closed):
        super().__init__(units, superiors)
        self.closed = Directory(closed, superiors)

    def find(self, code: str, name: str, district: Unit | None = None) -> Unit:
        try:
            return super().find(code, name, district)
        except Unknown:
            closed = None
            with suppress(Unknown):
                closed = self.closed.find(code, name, district)
            if closed is None:
                raise
            words = _("%(unit)s is no more since %(day)s: name the unit that it went into.")
            raise Unknown(words % {"unit": closed.full_name, "day": written_day(closed.closed_on)}) from None


def plan(table: Table, sent: Sent) -> Plan:
    """What the file will do, as things stand now."""
    directory = scope(sent, {deadline.reporting_day(sent.at)})
    lines, rows = _named_lines(table)
    if len(lines) > MOST_PEOPLE:
        words = _("A file names at most %(n)s people: this one names %(people)s. Send it in parts.")
        reader = LineReader(lines[MOST_PEOPLE])
        reader.refuse(PERSON, words % {"n": MOST_PEOPLE, "people": number(len(lines))})
        return Plan(reader.rows, [])
    resolved, others = resolve(replace(table, lines=lines), directory, has_groups=False)
    readers = [PersonReader(reader.line, reader.unit, table.columns) for reader in resolved]
    usernames = frozenset(reader.username.lower() for reader in readers)
    still_stands = unchanged(partial(_state_of_accounts, usernames))
    register, writes, first = _Register(sent), [], {}
    for reader in readers:
        name = reader.username
        other = first.setdefault(name.lower(), reader) if name else reader
        if other is not reader:
            words = _("The user name %(name)s stands in line %(line)s already.")
            reader.refuse(reader.key_of_username, words % {"name": name, "line": other.line.row})
        elif not reader.is_refused and (account := register.account(reader)):
            writes.append(account)
    rows += others + rows_of(readers)
    return Plan(rows, writes, still_stands, slip_count=sum(account.gets_slip for account in writes))


def make_ready(accounts_: list[Account], sent: Sent) -> Ready:
    """Hash the one-time passwords, outside the lock: three hundred take three quarters of a minute."""
    named = [account.person.username for account in accounts_ if account.gets_slip]
    hashes = accounts.hashes([password_of(sent, name) for name in named])
    return accounts_, dict(zip(named, hashes, strict=True))


def password_of(sent: Sent, username: str) -> str:
    """The one-time password of a slip: worked out of the seed of a file, so that it is stored nowhere."""
    about = f"{sent.options['seed']} {username}"
    number = int.from_bytes(salted_hmac("slip of an import", about, algorithm="sha256").digest())
    letters = []
    for _letter in range(accounts.GROUPS * accounts.GROUP):
        number, place = divmod(number, len(accounts.ALPHABET))
        letters.append(accounts.ALPHABET[place])
    return "-".join("".join(letters[n :: accounts.GROUPS]) for n in range(accounts.GROUPS))


def slips(usernames: Sequence[str], sent: Sent, made_at: datetime) -> list[Slip]:
    """The slips of a file in the order of the tree, without those of people with a password of their own by now."""
    people = User.objects.filter(username__in=usernames, must_change_password=True, is_active=True)
    people = people.filter(password_expires_at=made_at + accounts.SERVES).select_related("unit")
    units = Unit.objects.named(deadline.reporting_day(made_at)).in_bulk()

    def place(person: User) -> tuple:
        unit, name = units[person.unit_id], f"{person.first_name} {person.last_name} {person.username}"
        return unit.is_agency, unit.path, names.sort_key(name)

    return [
        Slip(person, units[person.unit_id].full_name, password_of(sent, person.username), person.password_expires_at)
        for person in sorted(people, key=place)
    ]


def apply(ready: Ready, sent: Sent, *, now: datetime) -> list[str]:
    """Write what was planned, inside the lock; the names of those who get a slip."""
    written, hashes = ready
    handed = [account.person for account in written if account.gets_slip]
    for person in handed:
        accounts.give(person, hashes[person.username], at=sent.at)
    User.objects.bulk_create(account.person for account in written if account.is_new)
    known = [account for account in written if not account.is_new]
    # No field that is not the account's own to change: somebody may have chosen a password meanwhile.
    for fields, changed in (
        (FIELDS, [account.person for account in known if account.changed]),
        (SLIP_FIELDS, [account.person for account in known if account.gets_slip]),
    ):
        User.objects.bulk_update(changed, fields, batch_size=100)
    AccessRecord.objects.bulk_create(_records(written, sent))
    return [person.username for person in handed]


def scope(sent: Sent, days: set[date]) -> Directory:
    """The units that the person may put people into: the city all, a district its communes."""
    on = max(days)
    everyone = Unit.objects.all()
    units = list(access.units_for_people(sent.by, on).named(on))
    above = {unit.parent_id for unit in units}
    superiors = [unit for unit in units if unit.pk in above]
    if sent.by.unit.is_under_seal:
        everyone = everyone.below(sent.by.unit)
        superiors += everyone.named(on).filter(pk=sent.by.unit_id)
    closed = everyone.filter(closed_on__lte=on).named(on)
    return PeopleDirectory(units, superiors, list(closed))


KIND = Kind(
    "people",
    gettext_lazy("Accounts"),
    gettext_lazy("Who works in which unit: new accounts with their slips, and what changes in known ones."),
    COLUMNS,
    plan,
    apply,
    scope=scope,
    make_ready=make_ready,
    options=("reissue",),
    needs=((PERSON,), ("code", "name")),
    is_for_districts=True,
    hands_out=True,
)


def _named_lines(table: Table) -> tuple[list[SheetLine], list[Row]]:
    """The lines that name somebody. Tống Toàn is nobody's sum, and a line of the template that was left empty is
    said to be left out."""
    lines, rows = [], []
    for line in table.lines:
        keys = [key for key in OF_A_PERSON if key in line.cells]
        if line.total and (not keys or (keys == [PERSON] and line.text(PERSON) == line.total)):
            lines.append(line)
        elif keys:
            lines.append(replace(line, total=""))
        elif line.cells:
            called = line.text("name") or line.text("code")
            words = _("Nobody is named in this line: it is left out.")
            rows.append(Row(line.where("name"), called, "", RowOutcome.LEFT_OUT, words=words))
    return lines, rows


class _Register:
    """The accounts as they stand, and which of them the person may change."""

    def __init__(self, sent: Sent):
        everyone = list(User.objects.select_related("unit"))
        manageable = access.manageable_people(sent.by)
        self.sent = sent
        self.manageable = set(manageable.values_list("pk", flat=True))
        self.by_username = {person.username.lower(): person for person in everyone}
        self.by_name = {(p.unit_id, names.sort_key(p.get_full_name())): p for p in everyone if p.is_active}
        self.units = Unit.objects.named(deadline.reporting_day(sent.at)).in_bulk()

    def account(self, reader: PersonReader) -> Account | None:
        """The account as it will be stored; None if it may not be changed, or nothing changes. The rows say which."""
        person = self.by_username.get(reader.username.lower())
        if person is None:
            return self._new(reader)
        if person == self.sent.by:
            reader.refuse(reader.key_of_username, _("This is your own account: it is not changed by a file."))
        elif person.pk not in self.manageable:
            reader.refuse(reader.key_of_username, _("This user name is taken."))
        elif not person.is_active:
            words = _("%(name)s has left. Give the account back on its page under “Accounts”, or take the line out.")
            reader.refuse(PERSON, words % {"name": person.display_name})
        else:
            return self._known(reader, person)
        return None

    def _new(self, reader: PersonReader) -> Account:
        person = User(username=reader.username)
        _put(person, reader)
        parts = [_("a new account"), person.phone, person.email, _("reads only") if person.is_viewer else ""]
        twin = self.by_name.get((reader.unit.pk, names.sort_key(reader.full_name)))
        if twin:
            words = _("the unit has an account of this name already: %(username)s")
            reader.remarks.append(words % {"username": twin.username})
        words = "; ".join(filter(None, [*parts, *reader.remarks]))
        reader.tell(PERSON, RowOutcome.NEW, "", reader.full_name, words, what=person.username)
        return Account(person, gets_slip=True, is_new=True)

    def _known(self, reader: PersonReader, person: User) -> Account | None:
        before = self._shown(person)
        _put(person, reader)
        after = self._shown(person)
        changed = tuple(key for key in after if before[key] != after[key])
        for key in changed:
            words = "; ".join([reader.line.title(key), *(reader.remarks if key == PHONE else [])])
            where = "code" if key == "name" and key not in reader.line.cells else key
            reader.tell(where, RowOutcome.CHANGED, before[key], after[key], words, what=person.username)
        has_never_come = person.first_signed_in_at is None and person.last_login is None
        gets_slip = bool(self.sent.options.get("reissue")) and has_never_come
        if gets_slip:
            words = _("a new one-time password: the old slip serves no more")
            reader.tell(reader.key_of_username, RowOutcome.CHANGED, words=words, what=person.username)
        if reader.rows:
            return Account(person, changed, gets_slip)
        reader.tell(PERSON, RowOutcome.UNCHANGED, words="; ".join(reader.remarks), what=person.username)
        return None

    def _shown(self, person: User) -> dict[str, str]:
        """By key of the columns, as the preview shows it."""
        return {
            "name": self.units[person.unit_id].full_name,
            PERSON: person.get_full_name(),
            PHONE: person.phone,
            MAIL: person.email,
            VIEWER: _("yes") if person.is_viewer else _("no"),
        }


def _put(person: User, reader: PersonReader) -> None:
    """What the line says, into the account; the same name or number written otherwise is no change."""
    given, person.unit = dict(reader.given), reader.unit
    if reader.full_name == person.get_full_name():
        given = {name: value for name, value in given.items() if name not in ("last_name", "first_name")}
    if accounts.usual_username(given.get("phone", "")) == accounts.usual_username(person.phone):
        given.pop("phone", None)
    for name, value in given.items():
        setattr(person, name, value)


def _state_of_accounts(usernames: frozenset[str]) -> tuple:
    """Changes with the units, and with the accounts that the file speaks of.

    In a transaction nobody else writes accounts until its end; those who report are not kept waiting by it.
    """
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {User._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
    units = [
        *Unit.objects.aggregate(n=Count("pk"), closed=Count("closed_on")).values(),
        *UnitName.objects.aggregate(n=Count("pk")).values(),
    ]
    kept = ("pk", "username", *FIELDS, "is_active", "is_superuser", "first_signed_in_at", "last_login")
    people = [values for values in User.objects.order_by("pk").values_list(*kept) if values[1].lower() in usernames]
    return (*units, *people)


def _records(written: Sequence[Account], sent: Sent) -> list[AccessRecord]:
    """Who added and changed whom, by which file; kept in Vietnamese, whatever the writer reads."""
    file = sent.source.partition(" sha256:")[0]
    by_name = sent.by.display_name[:LONGEST_NAME]
    writer = {"at": sent.at, "by": sent.by, "by_name": by_name, "address": sent.address}
    titles = {column.key: column.title for column in COLUMNS}
    records = []
    with translation.override(settings.LANGUAGE_CODE):
        for account in written:
            changed = ", ".join(str(titles[key]) for key in account.changed)
            kinds = {AccessRecord.Kind.PERSON_ADDED: ""} if account.is_new else {}
            if changed:
                kinds[AccessRecord.Kind.PERSON_CHANGED] = f"{changed}; "
            if account.gets_slip and not account.is_new:
                kinds[AccessRecord.Kind.PASSWORD_RESET] = ""
            about = {"about": account.person, "unit": account.person.unit, **writer}
            for kind, words in kinds.items():
                detail = (words + _("by the file %(name)s") % {"name": file})[:LONGEST_DETAIL]
                records.append(AccessRecord(kind=kind, detail=detail, **about))
    return records
