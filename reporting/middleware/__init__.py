"""The edge: what happens to every request before and after its view."""

from .arrival import ArrivalMiddleware, arrival
from .downloads import DownloadsMiddleware
from .first_steps import FirstPasswordMiddleware, SecondFactorMiddleware, is_near_the_hour
from .gate import GateMiddleware, GoneMiddleware
from .health import HealthMiddleware, MetricsMiddleware
from .language import LanguageMiddleware
from .reading import ReadingMiddleware
from .requests import (
    FormsAloneMiddleware,
    IsolationMiddleware,
    LengthMiddleware,
    LimitsMiddleware,
    MethodsMiddleware,
    NulMiddleware,
    ProxiesMiddleware,
)
from .sessions import IdleMiddleware, PrivatePagesMiddleware, SuccessorMiddleware, WroteMiddleware
from .site import SiteMiddleware

__all__ = [
    "ArrivalMiddleware",
    "DownloadsMiddleware",
    "FirstPasswordMiddleware",
    "FormsAloneMiddleware",
    "GateMiddleware",
    "GoneMiddleware",
    "HealthMiddleware",
    "IdleMiddleware",
    "IsolationMiddleware",
    "LanguageMiddleware",
    "LengthMiddleware",
    "LimitsMiddleware",
    "MethodsMiddleware",
    "MetricsMiddleware",
    "NulMiddleware",
    "PrivatePagesMiddleware",
    "ProxiesMiddleware",
    "ReadingMiddleware",
    "SecondFactorMiddleware",
    "SiteMiddleware",
    "SuccessorMiddleware",
    "WroteMiddleware",
    "arrival",
    "is_near_the_hour",
]
