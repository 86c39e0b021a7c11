"""The preview of mergers, splits and renames, in sentences."""

from django.utils.translation import gettext as _

from ..figures.fields import full_sum
from ..models.units import full_name
from ..text.formatting import number
from .draft import BASE, MERGE, RENAME, Change, Draft


def outlook(draft: Draft) -> list[str]:
    """Sentences on all units together, before and after."""
    before, after = draft.people
    people, people_after = full_sum([*before.values()]), full_sum([*after.values()])
    sentences = [
        _("Units of the population that report: %(before)s → %(after)s.")
        % {"before": len(before), "after": len(after)},
        _("Population: %(before)s → %(after)s.") % {"before": number(people), "after": number(people_after)},
    ]
    if people != people_after:
        sentences.append(_("The population changes. Check the figures of the units that are split."))
    return sentences


def sentence(change: Change, draft: Draft) -> str:
    """What the change does."""
    name, counted = draft.name_of(change.code), _counted(change.code, draft)
    if change.action == MERGE:
        words = _("%(unit)s is closed and merged into %(heir)s.") % {"unit": name, "heir": draft.name_of(change.into)}
        end = draft.ends[change.code]
        return f"{words} {draft.name_of(end)}: {_counted(end, draft)}." if end in draft.parts else words
    if change.action == RENAME:
        kind = change.kind or draft.units[change.code].kind
        return _("%(unit)s is named %(name)s.") % {"unit": name, "name": full_name(kind, change.name)}
    if change.action == BASE:
        return f"{name}: {counted}."
    superior = draft.name_of(change.parent_code)
    words = _("%(unit)s is opened below %(superior)s") % {"unit": name, "superior": superior}
    opened = f"{words}: {counted}." if counted else f"{words}."
    return f"{opened} {_handed(change, draft)}" if change.code not in draft.superiors else opened


def _handed(change: Change, draft: Draft) -> str:
    """A sentence on the part of another unit's cumulative that the new unit takes over."""
    if not change.handed_over:
        return _("It takes over no installs: earlier installs stay with the old unit.")
    words = _("%(source)s hands over %(installs)s installs of its cumulative.")
    return words % {"source": draft.name_of(change.split_from), "installs": number(change.handed_over)}


def _counted(code: str, draft: Draft) -> str:
    """The unit's figures in words; a sum also names its parts."""
    counts = draft.counts.get(code)
    if counts is None:
        return ""
    words = _("%(n)s staff") if draft.is_agency(code) else _("population %(n)s")
    phrases = [words % {"n": number(counts.population)}]
    if code in draft.parts and not any(line.code == code and line.population for line in draft.lines):
        parts = [number(draft.bases[draft.units[part].pk].population) for part in draft.parts[code]]
        phrases[0] += f" ({' + '.join(parts)})"
    more = ((_("%(n)s smartphone users"), counts.smartphone_users), (_("%(n)s households"), counts.households))
    return ", ".join(phrases + [words % {"n": number(count)} for words, count in more if count is not None])
