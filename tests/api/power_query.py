"""So much of Power Query's language M as docs/api.md uses: Microsoft's parser reads it, this carries it out.

What each function does is taken from its page in Microsoft's reference of M; what the recipe does not use is refused.
"""

import csv
import io
import json
import os
import subprocess
from datetime import date
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from tests.served import ROOT

PACKAGES, SYNTAX = ROOT / ".venv" / "recipes", ROOT / ".ci" / "recipes" / "syntax.cjs"


class NotRead(Exception):
    """The parser does not take the text; the message is its own."""


def result(text, **given):
    """What the text evaluates to, with the values given by name; a table is a list of rows."""
    return _value(syntax(text), dict(NAMES) | given)


def syntax(text):
    environment = {**os.environ, "NODE_PATH": str(PACKAGES / "node_modules")}
    read = subprocess.run(["node", SYNTAX], input=text, env=environment, capture_output=True, text=True)
    if read.returncode:
        raise NotRead(read.stderr)
    return json.loads(read.stdout)


def _value(node, scope):
    match node["kind"]:
        case "LetExpression":
            scope = dict(scope)
            for pair in _listed(node["variableList"]):
                scope[pair["key"]["literal"]] = _value(pair["value"], scope)
            return _value(node["expression"], scope)
        case "LiteralExpression" if node["literalKind"] == "Text":
            return node["literal"][1:-1].replace('""', '"')
        case "LiteralExpression":
            return json.loads(node["literal"])  # a number, true or false
        case "IdentifierExpression":
            return scope[node["identifier"]["literal"]]
        case "RecordExpression":
            return {pair["key"]["literal"]: _value(pair["value"], scope) for pair in _listed(node["content"])}
        case "ListExpression":
            return [_value(one, scope) for one in _listed(node["content"])]
        case "ArithmeticExpression" if node["operatorConstant"]["constantKind"] == "&":
            return _value(node["left"], scope) + _value(node["right"], scope)
        case "TypePrimaryType":
            return TYPES[node["paired"]["primitiveTypeKind"]]
        case "RecursivePrimaryExpression":
            [call] = node["recursiveExpressions"]["elements"]
            return _value(node["head"], scope)(*(_value(one, scope) for one in _listed(call["content"])))
    raise NotImplementedError(node["kind"])


def _listed(wrapper):
    return [element["node"] for element in wrapper["elements"]]


def _contents(address, options):
    path = "/".join([address.rstrip("/"), options["RelativePath"]])
    asked = Request(f"{path}?{urlencode(options['Query'])}", headers=options["Headers"])
    with urlopen(asked, timeout=30) as answer:
        return answer.read()


def _document(content, options):
    assert (options["Encoding"], options["QuoteStyle"]) == (65001, "csv")
    return list(csv.reader(io.StringIO(content.decode("utf-8")), delimiter=options["Delimiter"]))


def _promoted(rows, options):
    assert options == {"PromoteAllScalars": True}
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def _typed(rows, types, culture):
    """An empty cell becomes null whatever its type but text; a column that is not there is an error."""
    assert culture == "en-US"  # a point for decimals
    for name, of_type in types:
        for row in rows:
            row[name] = of_type(row[name]) if row[name] or of_type is str else None
    return rows


TYPES = {
    "date": date.fromisoformat,
    "text": str,
    "logical": {"true": True, "false": False}.__getitem__,
    "number": float,
}
NAMES = {
    "Web.Contents": _contents,
    "Csv.Document": _document,
    "QuoteStyle.Csv": "csv",
    "Table.PromoteHeaders": _promoted,
    "Table.TransformColumnTypes": _typed,
    "Int64.Type": int,
}
