"""Charts as SVG drawn by the server: rows in, markup out. Coordinates are written here, never by a locale."""

from .arrivals import arrivals
from .cells import bar_scale, rates_bar, share_bar
from .discipline_calendar import discipline_calendar
from .progress import ProgressDay, progress, progress_days
from .svg import Chart
from .tile_map import tile_map
from .two_series import two_series
