"""Does everything agree: reports with their history, the history with what was signed and sealed, the guards in place.

Each check reads the whole database and yields what differs, in words; nothing is changed. What no check can tell, a row
that is gone without a trace or was changed in all its copies, the ledger tells (`ledger.py`).
"""

from collections.abc import Callable, Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from .fixed import now_and_then, seals, sign_offs
from .guards import guards
from .reports import covers, cumulatives, histories, tree

OF_DAYS = ("sign_offs", "seals")  # what is computed anew for each day that was fixed, and takes nearly all of the time
CHECKS: dict[str, tuple[Promise, Callable[..., Iterator[str]]]] = {
    "guards": (gettext_lazy("Triggers, constraints, keys"), guards),
    "tree": (gettext_lazy("Units and their places in the tree"), tree),
    "histories": (gettext_lazy("Reports and their revisions"), histories),
    "cumulatives": (gettext_lazy("Cumulative figures"), cumulatives),
    "covers": (gettext_lazy("Days counted once"), covers),
    "now_and_then": (gettext_lazy("Now and as-of"), now_and_then),
    "sign_offs": (gettext_lazy("Confirmations"), sign_offs),
    "seals": (gettext_lazy("Seals"), seals),
}
