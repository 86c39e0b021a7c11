"""How each person's work goes, step by step; the pictures are made by `make screenshots`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..models import User


@dataclass(frozen=True)
class Step:
    title: str | Promise
    words: str | Promise
    picture: str = ""  # its name in static/reporting/guide, of each language one
    is_wide: bool = False  # of a desk, not of a phone


@dataclass(frozen=True)
class Hint:
    words: str | Promise
    is_of_keys: bool = False  # a phone has none


@dataclass(frozen=True)
class Guide:
    role: str
    title: str | Promise
    steps: Sequence[Step]
    hints: Sequence[Hint]  # the three for a first visit


FIND = Hint(_("Press / to find a unit by part of its name, with or without accents."), is_of_keys=True)
OFFICER = Guide(
    "officer",
    _("For who reports: communes and agencies"),
    [
        Step(
            _("Sign in"),
            _(
                "User name and password stand on the slip of the unit above. Its password is typed once: choose one of"
                " your own on the next page. On a phone, “Add to home screen” in the browser’s menu makes an icon of "
                "it."
            ),
        ),
        Step(
            _("Type the number of the day"),
            _(
                "The bar on top says how much time is left. Type the new installs, 0 if there were none; an agency "
                "types its total so far. Beside the field are the number of the last day and the cumulative. Amber "
                "words say that the number is unusual."
            ),
            "form",
        ),
        Step(
            _("Send, and wait for the receipt"),
            _(
                "Press SEND THE REPORT. It is sent when the receipt is there, with its number and the moment of "
                "arrival."
            ),
            "receipt",
        ),
        Step(
            _("Without a line"),
            _(
                "Type and press all the same: the figures stay on the device and are sent by themselves when there is "
                "a connection. Until the receipt is there nothing has been sent; close to the hour ring the duty "
                "telephone."
            ),
        ),
        Step(
            _("A mistake, or the hour has passed"),
            _(
                "Before the hour open the report and change it. After the hour send a late report or ask for a "
                "correction, with a reason: it counts when the unit above has taken it in."
            ),
        ),
    ],
    [
        Hint(_("Type the number in the first field and press SEND THE REPORT.")),
        Hint(_("A report has arrived only when you see the receipt.")),
        Hint(_("No connection? Press anyway: the report is sent when you are back online.")),
    ],
)
DISTRICT = Guide(
    "district",
    _("For districts"),
    [
        Step(
            _("Follow up who is silent"),
            _(
                "“Follow up” lists who has not reported, the longest silent first, with telephone and last figure. "
                "Remind one or all of them: they see it on their page."
            ),
            "board",
            is_wide=True,
        ),
        Step(
            _("Enter for who telephones"),
            _(
                "“Enter on behalf” opens the field of the unit. What you enter carries your name, and the unit is "
                "told. It is late if it comes after the hour, whenever it was telephoned."
            ),
        ),
        Step(
            _("Review"),
            _(
                "“Review” has the late reports that wait: take them in or not. A wrong figure is returned with what is"
                " to be corrected; it goes on counting meanwhile."
            ),
            "review",
            is_wide=True,
        ),
        Step(
            _("Confirm the day"),
            _(
                "When all have reported, or after the hour with a reason, confirm the day: what it counted goes up to "
                "the unit above. A later change withdraws the confirmation, and you are told."
            ),
        ),
        Step(_("Accounts"), _("In the menu, “Accounts” makes accounts and slips, and gives a new one-time password.")),
    ],
    [
        Hint(_("“Follow up” says who has not reported, with the telephone, and reminds them.")),
        FIND,
        Hint(_("After the hour confirm the day under “Review”.")),
    ],
)
CITY = Guide(
    "city",
    _("For the unit that seals"),
    [
        Step(
            _("The whole at a glance"),
            _(
                "“Overview” begins with the share and the pace, then the state of the day: each number leads to the "
                "units behind it. Districts stand sorted; click a heading to sort otherwise."
            ),
            "overview",
            is_wide=True,
        ),
        Step(
            _("Before the hour"),
            _("“Follow up” has all who are silent, by district. Remind them, or enter for who telephones."),
            "board",
            is_wide=True,
        ),
        Step(
            _("Seal the day"),
            _(
                "Two minutes after the hour the day can be sealed: its table and its digest are fixed. Later changes "
                "go on and are listed beside the seal."
            ),
        ),
        Step(
            _("Workbook, paper, bulletin"),
            _("“Reports and downloads” has the official workbook of each day and of a span, and the paper in Word."),
        ),
        Step(
            _("Set-up"),
            _(
                "Orders, extensions, exempt days, downtimes and reorganisations are recorded with a reason and the "
                "password; a preview shows what they do. What was recorded is withdrawn, never edited."
            ),
        ),
    ],
    [
        Hint(_("Each number leads to the units behind it.")),
        FIND,
        Hint(_("Two minutes after the hour the day can be sealed.")),
    ],
)
LEADER = Guide(
    "leader",
    _("For leaders"),
    [
        Step(
            _("How far we are"),
            _("“Overview” begins with the share of the population and what is needed each day to reach the target."),
            "overview",
            is_wide=True,
        ),
        Step(
            _("Who is ahead, who is behind"),
            _("“Ranking” has the units of each level with their growth, and the places won or lost."),
            "ranking",
            is_wide=True,
        ),
        Step(_("The day on one page"), _("The bulletin is one A4 page; below it stand three lines for a message.")),
        Step(_("As it stood"), _("“Another moment” shows any page as it was known then, equal to the last digit.")),
    ],
    [
        Hint(_("“Overview” begins with the share and what is needed each day.")),
        Hint(_("“Ranking” shows who is ahead and who is behind.")),
        FIND,
    ],
)
GUIDES = {guide.role: guide for guide in (OFFICER, DISTRICT, CITY, LEADER)}


def of(user: User) -> Guide:
    """The guide to the person's own work; a stranger's is that of most people here."""
    if not user.is_authenticated or user.unit_id is None:
        return CITY if user.is_authenticated else OFFICER
    if not (user.unit.is_superior_level and user.has_units_below):
        return OFFICER
    if user.is_viewer or user.unit.is_country:
        return LEADER
    return CITY if user.unit.is_sealing else DISTRICT
