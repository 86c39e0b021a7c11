"""Accounts: who works in which unit. A new account gets a one-time password and a slip; a known one is changed.

The user name, by default the mobile number, identifies a person. An import never removes an account.
"""

import copy
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Count, Prefetch
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _, gettext_lazy

from ... import deadline
from ...files.cells import Cell
from ...models import AccessRecord, Unit, UnitName, User
from ...models.audit import LONGEST_DETAIL, LONGEST_NAME
from ...people import access, accounts
from ...text import names, parsing, unit_kinds
from ...text.formatting import number
from ..columns import PHONE as TELEPHONE, UNIT, Column, Kind
from ..layout import TOTAL, SheetLine, Table
from ..plan import BadCell, LineReader, Made, Plan, Row, RowOutcome, Sent, rows_of, text, unchanged
from ..unit_lines import Directory, resolve

FAMILY, PERSON, PHONE, MAIL, VIEWER, USERNAME = "family", "person", "phone", "email", "viewer", "username"
# The fields of an account, by the key of their column.
FIELDS_OF = {"name": "unit", PERSON: "last_name first_name", PHONE: "phone", MAIL: "email", VIEWER: "is_viewer"}
FIELDS = " ".join(FIELDS_OF.values()).split()
SLIP_FIELDS = ("password", "must_change_password", "password_expires_at")
MOST_PEOPLE = 500  # in one file: their slips are one page
SEVERAL = re.compile(r", | và | & ", re.IGNORECASE)
YES, NO = {"x", "v", "co", "1", "yes", "true", "✓"}, {"khong", "ko", "0", "no", "false", "-"}


@dataclass(frozen=True)
class Account:
    """An account as it will be stored. For a known account, `changed` has the keys of the columns that change it."""

    person: User
    changed: tuple[str, ...] = ()
    gets_slip: bool = False
    is_new: bool = False
    before: dict[str, Any] | None = None  # the fields that it changes; none for a new account

    def after(self) -> dict[str, Any]:
        """The fields that it sets."""
        keys = FIELDS_OF if self.is_new else self.changed
        return fields_of(self.person, keys)


def fields_of(person: User, keys: Iterable[str]) -> dict[str, Any]:
    """The values of the fields behind these columns, as JSON: the unit by its code."""
    names = [name for key in keys for name in FIELDS_OF[key].split()]
    return {name: person.unit.code if name == "unit" else getattr(person, name) for name in names}


Ready = tuple[list[Account], dict[str, str]]  # the accounts, and password hashes by user name


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
    register, writes = _Register(sent), []
    for reader in readers:
        other = first[reader.username.lower()]
        if reader.username and other is not reader:
            words = _("The user name %(name)s is already in line %(line)s.")
            reader.refuse(reader.key_of_username, words % {"name": reader.username, "line": other.line.row})
        elif not reader.is_refused and (account := register.account(reader)):
            writes.append(account)
    rows += others + rows_of(readers)
    return Plan(rows, writes, still_stands, slip_count=sum(account.gets_slip for account in writes))


def make_ready(accounts_: list[Account], sent: Sent) -> Ready:
    """Hash the one-time passwords outside the lock: 300 passwords take a second."""
    usernames = [account.person.username for account in accounts_ if account.gets_slip]
    return accounts_, {name: accounts.one_time_hash(password_of(sent, name)) for name in usernames}


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
    people = people.filter(password_expires_at=made_at + accounts.SERVES).prefetch_related(_named_units(made_at))

    def place(person: User) -> tuple:
        name = f"{person.first_name} {person.last_name} {person.username}"
        return person.unit.is_agency, person.unit.path, names.sort_key(name)

    return [
        accounts.Slip(one, one.unit.full_name, password_of(sent, one.username), one.password_expires_at)
        for one in sorted(people, key=place)
    ]


def _named_units(at: datetime) -> Prefetch:
    return Prefetch("unit", Unit.objects.named(deadline.reporting_day(at)))


def write(ready: Ready, sent: Sent, *, now: datetime) -> Made:
    """Write the accounts. Its rows: user name, the changed fields before (none for a new account) and after."""
    written, hashes = ready
    handed = [account.person for account in written if account.gets_slip]
    for person in handed:
        accounts.set_one_time_password(person, hashes[person.username], at=sent.at)
    User.objects.bulk_create(account.person for account in written if account.is_new)
    # Write the password only with a slip: otherwise the person may have chosen another meanwhile.
    known = [account for account in written if not account.is_new]
    User.objects.bulk_update([one.person for one in known if one.changed], FIELDS, batch_size=100)
    User.objects.bulk_update([one.person for one in known if one.gets_slip], SLIP_FIELDS, batch_size=100)
    AccessRecord.objects.bulk_create(_records(written, sent))
    rows = [[account.person.username, account.before, account.after()] for account in written if account.after()]
    return Made(rows, [person.username for person in handed])


def scope(sent: Sent, days: set[date]) -> Directory:
    """The units whose accounts the person manages: a city all units, a district its communes."""
    on = max(days)
    own = Unit.objects.named(on).filter(pk=sent.by.unit_id) if sent.by.unit.is_under_seal else []
    return Directory.of_units(
        [*access.units_for_people(sent.by, on).named(on), *own], lambda unit, _is_superior: unit not in own
    )


def _named_lines(table: Table) -> tuple[list[SheetLine], list[Row]]:
    """The lines that name a person (Tống Toàn is no "tổng"), and a row for each other line: sums, groups ("Quận X")."""
    lines, rows = [], []
    for line in table.lines:
        if family := line.cells.get(FAMILY):
            whole = replace(family, value=f"{family.text} {line.text(PERSON)}")
            line = replace(line, cells={**line.cells, PERSON: whole})
        keys = [key for key in READ if key in line.cells]
        name = line.text(PERSON).strip()
        is_group = keys == [PERSON] and bool(TOTAL.fullmatch(names.fold(name)) or unit_kinds.kind_of(name))
        if keys and not is_group:
            lines.append(replace(line, total=""))
        else:
            words, called = _("Nobody is named in this line: it is left out."), line.text("name") or line.text("code")
            rows.append(Row(line.where(keys[0] if keys else "name"), called, "", RowOutcome.LEFT_OUT, words=words))
    return lines, rows


# Reading the person in a line.


class PersonReader(LineReader):
    """Reads the person in a line. `given` has the filled values by account field."""

    def __init__(self, line: SheetLine, *, unit: Unit):
        super().__init__(line, unit=unit)
        self.given: dict[str, Any] = {}
        for key, read in READ.items():
            self.given |= self.take(read, key) or {}
        self.username = self.given.pop("username", "") or accounts.usual_username(self.given.get("phone", ""))
        self.key_of_username = USERNAME if USERNAME in line.cells else PHONE
        if not (self.username or line.text(USERNAME)):
            self.refuse(USERNAME, _("Enter a user name or a mobile number."))


def _name(cell: Cell | None) -> dict:
    words = text(cell).split()
    if not words:
        raise BadCell(_("The name is missing."))
    if SEVERAL.search(" ".join(words)):
        raise BadCell(_("“%(names)s” are several people: write one line for each.") % {"names": " ".join(words)[:80]})
    if len(words) == 1:
        raise BadCell(_("“%(name)s” is one word: give family name and given name.") % {"name": words[0][:40]})
    return _field("last_name", " ".join(words[:-1])) | _field("first_name", words[-1])


def _phone(cell: Cell | None) -> dict:
    """The number with the plus or zero that Excel drops: 0912345678 for 912345678."""
    written = text(cell)
    ways = (f"+{written}", written, f"0{written}") if written.isdecimal() else (written,)
    phone = next(filter(parsing.is_phone, ways), "")
    if written and not phone:
        words = _("“%(value)s” is not a telephone number like 0912 345 678.")
        raise BadCell(words % {"value": written[:40]})
    return _field("phone", phone)


def _mail(cell: Cell | None) -> dict:
    return _field("email", text(cell), _("“%(value)s” is not a mail address.") % {"value": text(cell)[:60]})


def _viewer(cell: Cell | None) -> dict:
    word = names.fold(text(cell))
    if word and word not in YES | NO:
        raise BadCell(_("“%(value)s” is neither “có” (or x) nor “không”.") % {"value": text(cell)[:40]})
    return {"is_viewer": word in YES} if word else {}


def _username(cell: Cell | None) -> dict:
    username = User.normalize_username(text(cell))
    lacks_zero = len(username) == 9 and isinstance(cell.value, int)
    return _field("username", f"0{username}" if lacks_zero else username)


READ = {PERSON: _name, PHONE: _phone, MAIL: _mail, VIEWER: _viewer, USERNAME: _username}


def _field(name: str, written: str, words: str = "") -> dict[str, str]:
    """The value of an account's field by its name; empty if nothing is written. Raises `BadCell`, with `words`."""
    try:
        return {name: User._meta.get_field(name).clean(written, None)} if written else {}
    except ValidationError as error:
        raise BadCell(words or " ".join(error.messages)) from error


# Comparing with the stored accounts.


class _Register:
    """The stored accounts, and those of them that the person may change."""

    def __init__(self, sent: Sent):
        everyone = list(User.objects.prefetch_related(_named_units(sent.at)))
        self.sent = sent
        self.manageable = set(access.manageable_people(sent.by).values_list("pk", flat=True))
        self.by_username = {person.username.lower(): person for person in everyone}
        self.by_name = {(p.unit_id, names.sort_key(p.get_full_name())): p for p in everyone if p.is_active}

    def account(self, reader: PersonReader) -> Account | None:
        """The account to store; None if the person may not change it or nothing changes."""
        person = self.by_username.get(reader.username.lower())
        if person is None:
            return self._new(reader)
        if person == self.sent.by:
            words = _("This is your own account: it is not changed by a file.")
        elif person.pk not in self.manageable:
            words = _("This user name is taken.")
        elif not person.is_active:
            words = _("%(name)s has left. Reopen the account on its page under “Accounts”, or remove the line.")
            words %= {"name": person.display_name}
        else:
            return self._known(reader, person)
        reader.refuse(reader.key_of_username, words)
        return None

    def _new(self, reader: PersonReader) -> Account:
        person = User(username=reader.username, unit=reader.unit, **reader.given)
        parts = [_("a new account"), person.phone, person.email, _("read only") if person.is_viewer else ""]
        if person.phone != (written := reader.line.text(PHONE)):
            parts.append(_("%(written)s is read as %(phone)s") % {"written": written, "phone": person.phone})
        if twin := self.by_name.get((person.unit_id, names.sort_key(person.get_full_name()))):
            words = _("the unit already has an account with this name: %(username)s")
            parts.append(words % {"username": twin.username})
        words = "; ".join(filter(None, parts))
        reader.tell(PERSON, RowOutcome.NEW, "", person.get_full_name(), words, what=person.username)
        return Account(person, gets_slip=True, is_new=True)

    def _known(self, reader: PersonReader, person: User) -> Account | None:
        """Change what the line says otherwise. Another spelling of the same name or number is no change."""
        given = copy.copy(person)
        for name, value in {**reader.given, "unit": reader.unit}.items():
            setattr(given, name, value)
        before, after = _shown(person), _shown(given)
        changed = tuple(key for key in FIELDS_OF if before[key] != after[key])
        known = fields_of(person, changed)
        for key in changed:
            for name in FIELDS_OF[key].split():
                setattr(person, name, getattr(given, name))
            where = "code" if key == "name" and key not in reader.line.cells else key
            told = before[key], after[key], reader.line.title(key)
            reader.tell(where, RowOutcome.CHANGED, *told, what=person.username)
        is_unused = person.first_signed_in_at is None and person.last_login is None
        gets_slip = bool(self.sent.options.get("reissue")) and is_unused
        if gets_slip:
            words = _("a new one-time password: the old slip no longer works")
            reader.tell(reader.key_of_username, RowOutcome.CHANGED, words=words, what=person.username)
        if reader.rows:
            return Account(person, changed, gets_slip, before=known)
        reader.tell(PERSON, RowOutcome.UNCHANGED, what=person.username)
        return None


def _shown(person: User) -> dict[str, Any]:
    """The account as the preview shows it, by key of the columns."""
    return {
        "name": person.unit.full_name,
        PERSON: person.get_full_name(),
        PHONE: accounts.usual_username(person.phone),
        MAIL: person.email,
        VIEWER: gettext_lazy("yes") if person.is_viewer else gettext_lazy("no"),
    }


def _state_of_accounts(usernames: frozenset[str]) -> tuple:
    """The state of the units and of the accounts that the file names. In a transaction no account is written then."""
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {User._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
    units = Unit.objects.aggregate(Count("pk"), Count("closed_on"))
    columns = ("pk", "username", *FIELDS, "is_active", "is_superuser", "first_signed_in_at", "last_login")
    people = [values for values in User.objects.order_by("pk").values_list(*columns) if values[1].lower() in usernames]
    return (*units.values(), UnitName.objects.count(), *people)


def _records(written: Sequence[Account], sent: Sent) -> list[AccessRecord]:
    """Access records: who added or changed whom, by which file. Always in Vietnamese."""
    writer = {"at": sent.at, "by": sent.by, "by_name": sent.by.display_name[:LONGEST_NAME], "address": sent.address}
    titles, kinds, done = {column.key: column.title for column in KIND.columns}, AccessRecord.Kind, []
    with translation.override(settings.LANGUAGE_CODE):
        by_file = _("by the file %(name)s") % {"name": sent.source.partition(" sha256:")[0]}
        for account in written:
            if account.is_new:
                done.append((account.person, kinds.PERSON_ADDED, by_file))
            if account.changed:
                changed = ", ".join(str(titles[key]) for key in account.changed)
                done.append((account.person, kinds.PERSON_CHANGED, f"{changed}; {by_file}"))
            if account.gets_slip and not account.is_new:
                done.append((account.person, kinds.PASSWORD_RESET, by_file))
    return [
        AccessRecord(kind=kind, about=person, unit=person.unit, detail=words[:LONGEST_DETAIL], **writer)
        for person, kind, words in done
    ]


KIND = Kind(
    "people",
    gettext_lazy("Accounts"),
    gettext_lazy("Who works in which unit: new accounts with their slips, and changes of known ones."),
    (
        *UNIT,
        Column(PERSON, gettext_lazy("Full name"), note=gettext_lazy("Family name first. One line for each person.")),
        Column(FAMILY, gettext_lazy("Family name, if the given name has its own column"), in_template=False),
        replace(TELEPHONE, note=gettext_lazy("The mobile number: it becomes the user name unless another is given.")),
        Column(MAIL, gettext_lazy("Mail")),
        Column(VIEWER, gettext_lazy("Read only"), note=gettext_lazy("“có” or “x” for a leader, “không” to end it.")),
        Column(USERNAME, gettext_lazy("User name"), note=gettext_lazy("Only if it is not the mobile number.")),
    ),
    plan,
    write,
    scope=scope,
    make_ready=make_ready,
    options=("reissue",),
    needs=((PERSON,), ("code", "name")),
    is_for_districts=True,
    hands_out=True,
)
