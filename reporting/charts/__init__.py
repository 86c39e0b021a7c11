"""Charts: SVG markup made from rows. Coordinates always have a decimal point, in every locale."""

from .multiples import MOST, Multiple, multiples
from .progress import Chart, outlook, progress
from .svg import share_bar
