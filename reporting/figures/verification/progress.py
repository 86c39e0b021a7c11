"""What a check is, and how it shows that it goes on."""

from collections.abc import Callable, Iterator

Progress = Callable[[int, int], None]  # how many are done, of how many; of none at all there is nothing to compare
Check = Callable[[Progress], Iterator[str]]

EVERY = 5000  # rows between two signs of life
