"""The edge: what happens to every request before and after its view."""

from .arrival import ArrivalMiddleware, arrival
from .downloads import DownloadsMiddleware
from .first_steps import FirstPasswordMiddleware, SecondFactorMiddleware, is_near_the_hour
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
from .sessions import IdleMiddleware, PrivatePagesMiddleware, SuccessorMiddleware
from .site import SiteMiddleware
