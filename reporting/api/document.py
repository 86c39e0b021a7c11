"""The OpenAPI document, made from the code, and what the root answers."""

from django.utils.translation import gettext as _
from ninja import NinjaAPI

from . import problems

REFUSALS = ("unauthorized", "not-found", "invalid", "too-many-requests", "failed", "unavailable")
SCHEMAS = "#/components/schemas/"
TRANSLATED = ("summary", "description")


def document(api: NinjaAPI, root: str) -> dict:
    """The document, in which each operation also has the 304 and the problems that it may answer."""
    document = api.get_openapi_schema(path_prefix=root)
    schema = problems.ProblemOut.model_json_schema(ref_template=SCHEMAS + "{model}")
    document["components"]["schemas"] |= {**schema.pop("$defs"), "ProblemOut": schema}
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": SCHEMAS + "ProblemOut"}}}
    same = _("Nothing is new: If-None-Match named the ETag of the answer")
    for methods in document["paths"].values():
        responses = methods["get"]["responses"]
        if "application/json" in responses[200]["content"]:  # a CSV has no ETag
            responses[304] = {"description": same}
        for name in REFUSALS:
            status, title = problems.TITLES[name]
            responses.setdefault(status, {"description": str(title), "content": content})
    return _translated(document)


def _translated(part):
    """The part with its summaries and descriptions in the reader's language."""
    if isinstance(part, list):
        return [_translated(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _(value) if key in TRANSLATED and isinstance(value, str) and value else _translated(value)
        for key, value in part.items()
    }


def contents(api: NinjaAPI, root: str) -> dict:
    """What can be asked for, and where it is described."""
    paths = document(api, root)["paths"].items()
    return {
        "title": api.title,
        "version": api.version,
        "openapi": f"{root}openapi.json",
        "for_people": "/api/",
        "operations": [{"path": path, "summary": methods["get"]["summary"]} for path, methods in paths],
    }
