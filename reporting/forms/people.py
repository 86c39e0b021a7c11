"""Forms for sign-in, passwords, accounts of units below, covers (reporting for another unit), tokens."""

import copy
from datetime import datetime, timedelta

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UsernameField
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _, gettext_lazy

from .. import clock, deadline
from ..days.look_back import day_start
from ..models import Cover, Unit, User
from ..people import access, accounts, sessions, tokens
from ..people.tokens import NewToken
from ..people.wrong_passwords import FREE, is_own_password
from ..text import formatting, parsing
from .account import LONGEST_PASSWORD
from .campaign import UnitChoice
from .fields import CleanTextField, DayField, RecordChoice

LONGEST_COVER = 30  # days
TOKEN_LASTS = timedelta(days=180)  # by default


def _bounded(field: forms.CharField, longest: int = LONGEST_PASSWORD) -> forms.CharField:
    """A copy of the field with a maximum length. The HTML has no maxlength: browsers would cut a password silently."""
    bounded = copy.deepcopy(field)
    bounded.max_length = longest
    bounded.validators = [*field.validators, MaxLengthValidator(longest)]
    return bounded


class SignInForm(AuthenticationForm):
    """The sign-in. An unknown name and a wrong password get the same error."""

    username = _bounded(AuthenticationForm.base_fields["username"], User._meta.get_field("username").max_length)
    password = _bounded(AuthenticationForm.base_fields["password"])

    def get_invalid_login_error(self) -> ValidationError:
        words = _("The user name or password is wrong. Check capital letters.")
        waits = _("After %(n)s wrong attempts you have to wait before each further one.") % {"n": FREE}
        return ValidationError(f"{words} {waits}", code="invalid_login")

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if user.is_password_over(clock.now()):
            words = _("This one-time password expired at %(moment)s. Ask your superior unit for a new one.")
            moment = formatting.moment(user.password_expires_at)
            raise ValidationError(words % {"moment": moment}, code="password_over")


class ChangePasswordForm(PasswordChangeForm):
    """A new password, also in place of a one-time password."""

    old_password, new_password1, new_password2 = (
        _bounded(PasswordChangeForm.base_fields[name]) for name in ("old_password", "new_password1", "new_password2")
    )

    def __init__(self, user, *args, request=None, **kwargs):
        self.request = request
        super().__init__(user, *args, **kwargs)
        if user.must_change_password and request and sessions.is_password_recent(request):
            del self.fields["old_password"]  # the person has just typed it at sign-in

    def clean_old_password(self) -> str:
        """Check as at sign-in: wrong passwords are counted, and the next try must wait."""
        old = self.cleaned_data["old_password"]
        if not is_own_password(self.request, old):
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return old

    def clean(self) -> dict:
        cleaned = super().clean()
        new = cleaned.get("new_password1")
        is_asked = "old_password" in self.fields
        if new and (new == cleaned.get("old_password") if is_asked else check_password(new, self.user.password)):
            words = _("Choose a password different from the old one.")
            self.add_error("new_password1", ValidationError(words, code="same"))
        return cleaned

    def save(self, commit: bool = True) -> User:
        """Store the password. Raises `accounts.Overtaken`."""
        accounts.choose_password(self.user, self.cleaned_data["new_password1"])
        return self.user


class PeopleFilterForm(forms.Form):
    """`?q=&state=`: which accounts are listed."""

    q = CleanTextField(label=gettext_lazy("Name, number or unit"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("all")), *accounts.AccountState.choices]
    )

    def __init__(self, data):
        super().__init__({"q": data.get("q", ""), "state": data.get("state", "")})


class PersonForm(forms.ModelForm):
    """An account of a unit below the user's own unit; `unit` offers no others."""

    last_name = CleanTextField(label=gettext_lazy("Family and middle name"), max_length=150)
    first_name = CleanTextField(label=gettext_lazy("Given name"), max_length=150)
    phone = CleanTextField(label=gettext_lazy("Telephone"), max_length=30, required=False)

    class Meta:
        model = User
        fields = ["unit", "last_name", "first_name", "phone", "email", "is_viewer"]

    def __init__(self, data=None, *, by: User, at: datetime, **options):
        self.by, self.at = by, at
        super().__init__(data, **options)
        self.before = {name: getattr(self.instance, name) for name in self._meta.fields} if self.instance.pk else {}
        today = deadline.reporting_day(at)
        units = access.units_for_people(by, today).named(today).order_by("path")
        self.fields["unit"] = UnitChoice(units, label=_("Unit"))
        self.fields["email"].label = _("Mail")
        self.fields["is_viewer"].label = _("Read only (a leader)")
        self.fields["phone"].widget.attrs |= {"inputmode": "tel", "autocomplete": "off"}

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"].strip()
        if phone and not parsing.is_phone(phone):
            raise ValidationError(_("Enter a telephone number, for example 0912 345 678."), code="no_phone")
        return phone

    def save(self) -> User:
        """Raises `accounts.Overtaken`."""
        after = {name: self.cleaned_data[name] for name in self._meta.fields}
        accounts.change_account(self.instance, self.before, after, by=self.by)
        return self.instance

    def refuse(self, error: accounts.Overtaken) -> None:
        self.add_error(None, ValidationError(error.message, code=error.code))

    @property
    def changes(self) -> str:
        """The labels of the changed fields."""
        return ", ".join(str(self.fields[name].label) for name in self.changed_data)


class NewPersonForm(PersonForm):
    """A new account; the mobile number is the default user name."""

    new_username = UsernameField(  # not `username`: the sign-in page would take it for its own
        label=gettext_lazy("User name"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("If you leave this empty, it is the mobile number."),
        validators=[User._meta.get_field("username").run_validators],
    )
    field_order = ["unit", "last_name", "first_name", "phone", "new_username", "email", "is_viewer"]

    def clean(self) -> dict:
        cleaned = super().clean()
        username = cleaned.get("new_username") or accounts.usual_username(cleaned.get("phone") or "")
        if not username and not self.errors:
            self.add_error("new_username", ValidationError(_("Enter a user name or a mobile number."), code="required"))
        elif User.objects.filter(username__iexact=username).exists():
            words = _("This user name is taken.")
            # After a second press the page with the first password is gone.
            if own := access.manageable_people(self.by).filter(username__iexact=username).first():
                words = _("%(name)s has this user name. The list of accounts gives a new password.")
                words %= {"name": own.display_name}
            self.add_error("new_username", ValidationError(words, code="taken"))
        self.instance.username = username
        return cleaned

    def save(self) -> accounts.Slip:
        return accounts.add_account(self.instance, at=self.at)


class PersonChoice(RecordChoice):
    def label_from_instance(self, person: User) -> str:
        return f"{person.display_name} ({person.username})"


class CoverForm(forms.Form):
    person = forms.Field()
    unit = forms.Field()
    first_day = DayField(label=gettext_lazy("From day"))
    last_day = DayField(label=gettext_lazy("To day"))
    reason = CleanTextField(max_length=200, label=gettext_lazy("Reason"), required=False)

    def __init__(self, data=None, *, by: User, at: datetime):
        self.by, self.at, self.today = by, at, deadline.reporting_day(at)
        super().__init__(data, initial={"first_day": self.today})
        people = access.manageable_people(by).filter(is_active=True, is_viewer=False)
        self.fields["person"] = PersonChoice(
            people.order_by("unit__path", "username"), label=_("Colleague who reports")
        )
        units = access.units_to_cover(by, self.today).named(self.today).order_by("path")
        self.fields["unit"] = UnitChoice(units, label=_("For the unit"))

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        first, last, person, unit = (cleaned[name] for name in ("first_day", "last_day", "person", "unit"))
        if last < max(first, self.today):
            self.add_error(
                "last_day", ValidationError(_("The last day is in the past or before the first day."), "ends_before")
            )
        elif (last - first).days >= LONGEST_COVER:
            words = _("At most %(days)s days at a time.") % {"days": LONGEST_COVER}
            self.add_error("last_day", ValidationError(words, "too_long"))
        if unit.path.startswith(person.unit.path):
            words = _("This person can already report for the unit.")
            self.add_error("person", ValidationError(words, "own"))
        elif Cover.objects.filter(person=person, unit=unit, ended_at=None, first_day__lte=last, last_day__gte=first):
            self.add_error("person", ValidationError(_("This person already covers the unit on these days."), "twice"))
        return cleaned

    def save(self) -> Cover:
        return Cover.objects.create(**self.cleaned_data, by=self.by, recorded_at=self.at)


class TokenForm(forms.Form):
    name = CleanTextField(
        max_length=100,
        label=gettext_lazy("Name of the system"),
        help_text=gettext_lazy("Which system uses it, and who looks after that system."),
    )
    unit = forms.Field()
    last_day = DayField(label=gettext_lazy("Last day"))

    def __init__(self, data=None, *, top: Unit, by: User | None, at: datetime):
        self.by, self.at, self.today = by, at, deadline.reporting_day(at)
        super().__init__(data, initial={"unit": top.pk, "last_day": self.today + TOKEN_LASTS})
        units = Unit.objects.below(top).open_on(self.today).named(self.today).order_by("path")
        self.fields["unit"] = UnitChoice(units, label=_("May read this unit and all below it"), empty_label=None)

    def clean_last_day(self):
        last = self.cleaned_data["last_day"]
        if not self.today <= last <= self.today + timedelta(days=tokens.LONGEST):
            words = _("At most %(days)s days from today.") % {"days": tokens.LONGEST}
            raise ValidationError(words, code="out_of_range")
        return last

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors and tokens.is_given(unit=cleaned["unit"], name=cleaned["name"], at=self.at):
            words = _("This unit already has a token of this name. Revoke it, or choose another name.")
            self.add_error("name", ValidationError(words, code="given"))
        return cleaned

    def save(self) -> NewToken:
        """Give a token that is valid to the end of its last day."""
        name, unit, last_day = (self.cleaned_data[name] for name in ("name", "unit", "last_day"))
        ends = day_start(last_day + timedelta(days=1))
        return tokens.create_token(unit=unit, name=name, expires_at=ends, by=self.by, at=self.at)
