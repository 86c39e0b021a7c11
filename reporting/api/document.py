"""The OpenAPI document, made from the code, and the same as a page for people: no script, nothing from elsewhere."""

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


def contents(api: NinjaAPI, root: str) -> dict:
    """What the root answers: what can be asked for, and where it is described."""
    found = document(api, root)["paths"].items()
    return {
        "title": api.title,
        "version": api.version,
        "openapi": f"{root}openapi.json",
        "for_people": "/api/",
        "operations": [{"path": path, "summary": methods["get"]["summary"]} for path, methods in found],
    }


def description(api: NinjaAPI, root: str) -> dict:
    """The document as a page for people shows it ("Giao diện dữ liệu"): its operations, shapes and problems."""
    found = document(api, root)
    return {
        "operations": [_for_people(path, methods["get"]) for path, methods in found["paths"].items()],
        "shapes": {
            name: [_named(field, schema, schema) for field, schema in shape["properties"].items()]
            for name, shape in found["components"]["schemas"].items()
            if "properties" in shape
        },
        "problems": [(name, status, title) for name, (status, title) in problems.TITLES.items()],
    }


def _for_people(path: str, operation: dict) -> dict:
    schema = next(iter(operation["responses"][200]["content"].values()))["schema"]
    asked = [one for one in operation.get("parameters", []) if one["in"] == "query"]
    return {
        "path": path,
        "summary": operation["summary"],
        "words": operation["description"],
        "parameters": [_named(one["name"], one["schema"], one) for one in asked],
        "answer": _ref(schema),  # the name of its shape; empty of a file
    }


def _named(name: str, schema: dict, described: dict) -> dict:
    return {"name": name, "type": _type(schema), "words": described.get("description", "")}


def _ref(schema: dict) -> str:
    return schema.get("$ref", "").removeprefix(SCHEMAS)


def _type(schema: dict) -> str:
    """ "integer | null", "RowOut[]", "date"."""
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"{_type(schema['items'])}[]"
    return _ref(schema) or schema.get("format") or schema.get("type", "")
