"""The day's official paper (Báo cáo) as a Word file, from the same rows as the page; no HTTP, no queries.

Its layout is that of Decree 30/2020/NĐ-CP, Annex I; its language is Vietnamese, whoever downloads it. The number, the
signature and what only a person can say are left blank: it is ready to be completed and signed.
"""

from .document import day_paper

__all__ = ["day_paper"]
