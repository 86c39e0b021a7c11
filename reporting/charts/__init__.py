"""Charts: rows in, markup out. Coordinates are written here, never by a locale."""

from .progress import Chart, progress
from .svg import bar_scale, rates_bar, share_bar
from .tile_map import tile_map
