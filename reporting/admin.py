"""The administrator's pages: people, and the telephones of units."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import Group
from django.db import models
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, gettext_lazy as _
from django_otp.plugins.otp_totp.admin import TOTPDevice

from . import clock, deadline, models as own
from .forms.fields import CleanTextField
from .people import access, second_factor
from .views.sign_in import recently_confirmed

admin.site.site_header = admin.site.site_title = admin.site.index_title = _("Administration of the system")
admin.site.unregister(TOTPDevice)  # keys of second factors are secret; a lost one is reset
admin.site.unregister(Group)  # the level of a person's unit is his role, not a group


def never(self, request, obj=None):
    return False


class AuditedAdmin(admin.ModelAdmin):
    """Notes additions and changes in the city's access record too."""

    added = changed = own.AccessRecord.Kind.UNIT_CHANGED
    formfield_overrides = {
        models.CharField: {"form_class": CleanTextField},
        models.TextField: {"form_class": CleanTextField},
    }

    def log_addition(self, request, obj, message):
        self._note(request, self.added, obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        self._note(request, self.changed, obj)
        return super().log_change(request, obj, message)

    def _note(self, request, kind, obj):
        about = obj if isinstance(obj, own.User) else None
        unit = obj if isinstance(obj, own.Unit) else getattr(obj, "unit", None)
        detail = f"{obj._meta.verbose_name}: {obj}"
        own.AccessRecord.objects.note(kind, request=request, about=about, unit=unit, detail=detail)


@admin.register(own.Unit)
class UnitAdmin(AuditedAdmin):
    """Edits the duty telephone only. Imports and reorganisations make the units."""

    list_display = ["code", "current_name", "level", "parent_code", "phone", "opened_on", "closed_on"]
    list_filter = ["level"]
    search_fields = ["code", "name_folded"]
    list_select_related = ["parent"]
    fields = ["code", "level", "parent", "phone", "opened_on", "closed_on", "successor"]
    readonly_fields = [name for name in fields if name != "phone"]

    def get_queryset(self, request):
        return super().get_queryset(request).named(deadline.reporting_day(clock.now()))

    @admin.display(description=_("unit"), ordering="sort_key")
    def current_name(self, unit):
        return unit.full_name

    @admin.display(description=_("superior"))
    def parent_code(self, unit):
        return unit.parent.code if unit.parent else ""

    has_add_permission = has_delete_permission = never


class OnlyThePasswordForm(AdminPasswordChangeForm):
    def save(self, commit=True):
        person = super().save(commit=False)
        person.save(update_fields=["password"])
        return person


RIGHTS = ["is_viewer", "is_staff", "is_superuser"]


@admin.register(own.User)
@method_decorator(recently_confirmed(_("Add an account")), name="add_view")
@method_decorator(recently_confirmed(_("Change an account")), name="change_view")
@method_decorator(recently_confirmed(_("Reset the password of an account")), name="user_change_password")
class PersonAdmin(AuditedAdmin, UserAdmin):
    change_password_form = OnlyThePasswordForm
    added, changed = own.AccessRecord.Kind.PERSON_ADDED, own.AccessRecord.Kind.PERSON_CHANGED
    list_display = ["username", "last_name", "first_name", "unit", "is_viewer", "is_active", "is_superuser"]
    list_filter = ["is_active", "is_viewer", "is_superuser"]
    list_select_related = ["unit"]
    autocomplete_fields = ["unit"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["last_name", "first_name", "phone", "email"]}),
        (_("Office"), {"fields": ["unit", "is_viewer", "must_change_password"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "is_superuser", "second_factor_at"]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "unit", *RIGHTS, "usable_password", "password1", "password2"]})]

    readonly_fields = ["second_factor_at"]
    actions = ["reset_second_factor"]

    def save_model(self, request, obj, form, change):
        """Save only the changed fields: somebody else may have changed others since the page was opened."""
        obj.save(update_fields=[name for name in form.changed_data if name in form.fields] if change else None)

    @admin.action(description=_("Reset a lost second factor"))
    @method_decorator(recently_confirmed(_("Reset a lost second factor")))
    def reset_second_factor(self, request, queryset):
        for person in queryset & access.people_to_reset_second_factor(request.user):
            if second_factor.remove(person):
                kind = own.AccessRecord.Kind.SECOND_FACTOR
                own.AccessRecord.objects.note(kind, request=request, about=person, detail=gettext("reset"))

    has_delete_permission = never  # people are deactivated; what they did stays under their name
