"""The edge: what happens to every request before and after its view."""

from .arrival import ArrivalMiddleware, arrival

__all__ = ["ArrivalMiddleware", "arrival"]
