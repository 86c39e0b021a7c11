"""The faults that the mutation run puts into a module: mutmut's, and the kinds that matter to these rules."""

from __future__ import annotations

import difflib
import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation import mutators

NOTHING_TO_TAKE = {"len", "isinstance", "super", "frozenset"}  # an argument less is an error on the spot


@dataclass(frozen=True)
class Mutant:
    """One fault: the source with it, and how people read it."""

    path: str
    where: str  # the function, class and function, or "module"
    line: int
    statement: int  # the line that its statement begins on
    before: str  # the lines that differ, without their indentation
    after: str
    source: str

    @property
    def name(self) -> str:
        return f"{self.path} {self.where}: `{self.before}` → `{self.after}`"

    @property
    def key(self) -> str:
        return hashlib.sha256(f"{self.path}\n{self.source}".encode()).hexdigest()[:20]


LOOKUPS = {"lt": "lte", "lte": "lt", "gt": "gte", "gte": "gt"}


def marked_string(node: cst.SimpleString) -> Iterator[cst.CSTNode]:
    """Of mutmut's three ways with a string the first: its case makes no difference of its own."""
    yield from list(mutators.operator_string(node))[:1]


def other_lookup(node: cst.Arg) -> Iterator[cst.CSTNode]:
    found = node.keyword and re.fullmatch(r"(\w+__)(lte?|gte?)", node.keyword.value)
    if found:
        yield node.with_changes(keyword=cst.Name(found[1] + LOOKUPS[found[2]]))


def other_order(node: cst.SimpleString) -> Iterator[cst.CSTNode]:
    if re.fullmatch(r'"-[a-z_]+"', node.value):
        yield node.with_changes(value='"' + node.value[2:])


def entry_left_out(node: cst.Set | cst.Dict) -> Iterator[cst.CSTNode]:
    if len(node.elements) > 1:
        for place in range(len(node.elements)):
            yield node.with_changes(elements=[*node.elements[:place], *node.elements[place + 1 :]])


def choice_left_out(node: cst.ComparisonTarget) -> Iterator[cst.CSTNode]:
    if isinstance(node.operator, cst.In | cst.NotIn) and isinstance(node.comparator, cst.Tuple):
        elements = node.comparator.elements
        for place in range(len(elements)):
            kept = [*elements[:place], *elements[place + 1 :]]
            kept = [element.with_changes(comma=cst.Comma()) for element in kept]
            yield node.with_changes(comparator=node.comparator.with_changes(elements=kept))


def opposite(node: cst.If | cst.CompIf | cst.While) -> Iterator[cst.CSTNode]:
    if isinstance(node, cst.While) or isinstance(node.test, cst.Comparison | cst.UnaryOperation):
        return  # a loop would not end; mutmut turns a comparison round, and takes a `not` away
    test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    space = cst.SimpleWhitespace(" ")
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(space), test))


OWN = [
    (cst.Arg, other_lookup),
    (cst.SimpleString, marked_string),
    (cst.SimpleString, other_order),
    (cst.Set, entry_left_out),
    (cst.Dict, entry_left_out),
    (cst.ComparisonTarget, choice_left_out),
    (cst.If, opposite),
    (cst.CompIf, opposite),
]
OPERATORS = [pair for pair in mutators.mutation_operators if pair[1] is not mutators.operator_string] + OWN


class Faults(cst.CSTVisitor):
    """Walks a module and keeps every node with what mutmut and the kinds of our own make of it."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        self.found: list[tuple[cst.CSTNode, cst.CSTNode, str, int, int]] = []
        self._places: list[cst.FunctionDef | cst.ClassDef] = []
        self._statement = (1, 1)

    def on_visit(self, node: cst.CSTNode) -> bool:
        if self._is_left_alone(node):
            return False
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._places.append(node)
        if isinstance(node, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            span = self.get_metadata(PositionProvider, node)
            is_simple = isinstance(node, cst.BaseSmallStatement)
            self._statement = (span.start.line, span.end.line if is_simple else span.start.line)
        for kind, operator in OPERATORS:
            if isinstance(node, kind) and not self._means_nothing(node, operator):
                span = self.get_metadata(PositionProvider, node, None)
                first = span.start.line if span else self._statement[0]
                where = ".".join(place.name.value for place in self._places) or "module"
                self.found += [(node, other, where, first, self._statement[0]) for other in operator(node)]
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if self._places and self._places[-1] is original_node:
            self._places.pop()

    def _is_left_alone(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Decorator | cst.Import | cst.ImportFrom):
            return True
        if isinstance(node, cst.Expr) and isinstance(node.value, cst.BaseString):
            return True  # a docstring
        if isinstance(node, cst.SimpleStatementLine) and self._places and isinstance(self._places[-1], cst.ClassDef):
            bases = [cst.Module([]).code_for_node(base.value) for base in self._places[-1].bases]
            return any(base.endswith("Enum") for base in bases)  # a name; where it is kept, the constraints know it
        is_call = isinstance(node, cst.Call) and isinstance(node.func, cst.Name)
        return is_call and node.func.value in {"len", "isinstance"}

    def _means_nothing(self, node: cst.CSTNode, operator: object) -> bool:
        if operator is mutators.operator_assignment:
            return bool(self._places) and isinstance(self._places[-1], cst.ClassDef)  # the default of a field
        if operator is mutators.operator_arg_removal:
            return isinstance(node.func, cst.Name) and node.func.value in NOTHING_TO_TAKE
        return False


def mutants_of(path: str, *, sample: int | None = None, seed: int = 1) -> tuple[list[Mutant], int]:
    """The faults of a file, or so many drawn with the seed, in the order of the file; and how many there are."""
    source = Path(path).read_text()
    wrapper = MetadataWrapper(cst.parse_module(source))
    faults = Faults()
    wrapper.visit(faults)
    drawn = list(enumerate(faults.found))
    if sample:
        random.Random(f"{seed} {path}").shuffle(drawn)  # noqa: S311
    seen, mutants = {source}, {}
    for place, (node, other, where, line, statement) in drawn:
        mutated = wrapper.module.deep_replace(node, other).code
        try:
            compile(mutated, path, "exec", dont_inherit=True)
        except SyntaxError:
            continue
        if mutated not in seen:
            seen.add(mutated)
            mutants[place] = Mutant(path, where, line, statement, *_difference(source, mutated), mutated)
        if len(mutants) == sample:
            break
    return [mutant for _place, mutant in sorted(mutants.items())], len(drawn)


def _difference(source: str, mutated: str) -> tuple[str, str]:
    lines = list(difflib.ndiff(source.splitlines(), mutated.splitlines()))
    return tuple(" ".join(line[2:].strip() for line in lines if line.startswith(sign)) for sign in ("- ", "+ "))
