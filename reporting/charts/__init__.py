"""Charts as SVG drawn by the server: rows in, markup out. Coordinates are written here, never by a locale."""

from .arrivals import arrivals
from .cells import share_bar, sparkline
from .discipline_calendar import discipline_calendar
from .progress import ProgressDay, progress, progress_days
from .svg import Chart
from .tile_map import tile_map
from .trend import TrendPoint, trend, trend_points
from .two_series import two_series

__all__ = [
    "Chart",
    "ProgressDay",
    "TrendPoint",
    "arrivals",
    "discipline_calendar",
    "progress",
    "progress_days",
    "share_bar",
    "sparkline",
    "tile_map",
    "trend",
    "trend_points",
    "two_series",
]
