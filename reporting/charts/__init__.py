"""Charts: SVG markup made from rows. Coordinates always have a decimal point, in every locale."""

from .progress import Chart, outlook, progress
from .svg import bar_scale, rates_bar, share_bar
from .tile_map import tile_map
