"""The addresses of the product, read from its URL table, so that tests visit every new one."""

from django.urls import reverse

from bluezone_report.urls import urlpatterns as of_the_site
from reporting.urls import urlpatterns as of_the_product
from tests.factories import DAY

VALUES = {"code": "31", "day": DAY, "first": DAY, "last": DAY, "kind": "reports", "pk": 1, "role": "officer"}
VALUES |= {"digest": "0" * 64}


def arguments(pattern) -> list[str]:
    """The names of the address's parameters, in order."""
    return list(pattern.pattern.converters)


def names() -> dict[str, list[str]]:
    """Every route: its name for `reverse`, and its parameters."""
    found = {f"reporting:{pattern.name}": arguments(pattern) for pattern in of_the_product}
    return found | {pattern.name: arguments(pattern) for pattern in of_the_site if getattr(pattern, "name", None)}


def address(name: str, **values) -> str:
    """An address of the route; missing values are those of `VALUES`."""
    return reverse(name, kwargs={key: (VALUES | values)[key] for key in names()[name]})


def of_a_unit() -> list[str]:
    """The routes of a unit, or of a unit and a day, without their namespace."""
    held = {name.removeprefix("reporting:"): values for name, values in names().items()}
    return [name for name, values in held.items() if "code" in values and {"code", "day"} >= set(values)]


def raw(name: str, **values: str) -> str | None:
    """The same with a value that no route accepts; None if the route has no such parameter."""
    held = names()[name]
    if not values.keys() & set(held):
        return None
    pattern = next(p for p in [*of_the_product, *of_the_site] if getattr(p, "name", None) == name.rpartition(":")[2])
    path = "/" + str(pattern.pattern)
    for converter in ("str", "int", "day"):
        for key in held:
            path = path.replace(f"<{converter}:{key}>", str((VALUES | values)[key]))
    return path
