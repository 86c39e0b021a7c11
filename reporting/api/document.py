"""The OpenAPI document, made from the code, and the same as a page for people: no script, nothing from elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http import JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI

from . import problems

REFUSALS = ("unauthorized", "not-found", "invalid", "too-many-requests", "failed", "unavailable")
SCHEMAS = "#/components/schemas/"
TRANSLATED = ("summary", "description")


def document(api: NinjaAPI, root: str) -> dict:
    """With what every operation may answer beside its own: what is known already, and each problem."""
    found = api.get_openapi_schema(path_prefix=root)
    schema = problems.ProblemOut.model_json_schema(ref_template=SCHEMAS + "{model}")
    found["components"]["schemas"] |= {**schema.pop("$defs"), "ProblemOut": schema}
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": SCHEMAS + "ProblemOut"}}}
    same = _("Nothing is new: If-None-Match named the ETag of the answer")
    for operation in _operations(found):
        if "application/json" in operation["responses"][200]["content"]:  # a CSV is sent as it is read
            operation["responses"][304] = {"description": same}
        for name in REFUSALS:
            status, title = problems.TITLES[name]
            operation["responses"].setdefault(status, {"description": str(title), "content": content})
    return _translated(found)


def _operations(found: dict) -> list[dict]:
    return [operation for methods in found["paths"].values() for operation in methods.values()]


def _translated(part):
    """The same with its words in the reader's language: they are marked where they stand in the code."""
    if isinstance(part, list):
        return [_translated(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _(value) if key in TRANSLATED and isinstance(value, str) and value else _translated(value)
        for key, value in part.items()
    }


def as_json(api: NinjaAPI, root: str):
    """The view that gives it to machines; it says nothing of any figure, so it asks for no token."""

    def openapi(request):
        return JsonResponse(document(api, root), json_dumps_params={"ensure_ascii": False})

    return openapi


def contents(api: NinjaAPI, root: str):
    """The view of the root: what can be asked for, and where it is described."""

    def root_view(request):
        operations = document(api, root)["paths"].items()
        told = {
            "title": api.title,
            "version": api.version,
            "openapi": f"{root}openapi.json",
            "for_people": "/api/",
            "operations": [{"path": path, "summary": methods["get"]["summary"]} for path, methods in operations],
        }
        return JsonResponse(told, json_dumps_params={"ensure_ascii": False})

    return root_view


# For people.


@dataclass(frozen=True)
class Named:
    """A parameter, or a field of an answer."""

    name: str
    type: str
    words: str
    is_required: bool = True


@dataclass(frozen=True)
class Operation:
    path: str
    summary: str
    words: str
    parameters: Sequence[Named]
    answer: str  # the name of its shape; empty of a file


@dataclass(frozen=True)
class Shape:
    name: str
    fields: Sequence[Named]


@dataclass(frozen=True)
class Description:
    operations: Sequence[Operation]
    shapes: Sequence[Shape]
    problems: Sequence[tuple[str, int, str]]  # name, status, what it is


def description(api: NinjaAPI, root: str) -> Description:
    """The document as a page shows it ("Giao diện dữ liệu")."""
    found = document(api, root)
    schemas = found["components"]["schemas"].items()
    return Description(
        operations=list(_for_people(found)),
        shapes=[_shape(name, schema) for name, schema in schemas if "properties" in schema],
        problems=[(name, status, title) for name, (status, title) in problems.TITLES.items()],
    )


def _for_people(found: dict) -> Iterator[Operation]:
    for path, methods in found["paths"].items():
        for operation in methods.values():
            schema = next(iter(operation["responses"][200]["content"].values()))["schema"]
            yield Operation(
                path=path,
                summary=operation["summary"],
                words=operation["description"],
                parameters=[
                    Named(given["name"], _type(given["schema"]), given.get("description", ""), given["required"])
                    for given in operation.get("parameters", [])
                    if given["in"] == "query"
                ],
                answer=_ref(schema),
            )


def _shape(name: str, schema: dict) -> Shape:
    described = schema["properties"].items()
    return Shape(name, [Named(field, _type(of), of.get("description", "")) for field, of in described])


def _ref(schema: dict) -> str:
    return schema.get("$ref", "").removeprefix(SCHEMAS)


def _type(schema: dict) -> str:
    """ "integer | null", "RowOut[]", "date"."""
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"{_type(schema['items'])}[]"
    if "allOf" in schema:
        return _type(schema["allOf"][0])
    return _ref(schema) or schema.get("format") or schema.get("type", "")
