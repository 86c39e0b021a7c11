"""Puts a mutant's code into the modules that are imported, in a fork that ends with it."""

from __future__ import annotations

import ast
import datetime as dt
import gc
import sys
from decimal import Decimal
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

from django.apps import apps
from faults import Mutant

ROOT = Path.cwd()
NEVER_SHARED = (dt.time, dt.timedelta, Decimal, dict, list)  # of one identity wherever they have been taken over


class NothingToPutIn(Exception):
    """The mutant's code is the same, or stands where this run does not reach."""


class Functions:
    """The functions and methods of the mutated modules, sought once for all forks."""

    def __init__(self, paths: list[str]) -> None:
        files = {str(ROOT / path) for path in paths}
        self.of_file = {file: [] for file in files}
        self.with_defaults = []
        gc.unfreeze()  # what is frozen is not among the objects, and a suite may have frozen all
        for function in gc.get_objects():
            if isinstance(function, FunctionType):
                if function.__code__.co_filename in files:
                    self.of_file[function.__code__.co_filename].append(function)
                if function.__code__.co_filename.startswith(str(ROOT)) and _defaults(function):
                    self.with_defaults.append(function)
        assert all(self.of_file.values()), "a module without any function: nothing would be put in"
        self.codes = {file: _codes(compile(Path(file).read_text(), file, "exec", dont_inherit=True)) for file in files}

    def put_in(self, mutant: Mutant) -> None:
        """Give the imported module the mutant's code: its functions, or what it keeps at its top."""
        file = str(ROOT / mutant.path)
        if mutant.where == "module":
            module = next(m for m in list(sys.modules.values()) if getattr(m, "__file__", None) == file)
            self._assign_again(module, mutant)
        else:
            self._swap(file, mutant)

    def _assign_again(self, module: ModuleType, mutant: Mutant) -> None:
        """Run the assignments at the top again, and hand what has become of them to whoever has taken it over."""
        before, tree = dict(vars(module)), ast.parse(mutant.source)
        body = [n for n in tree.body if isinstance(n, ast.Assign | ast.AnnAssign | ast.AugAssign)]
        exec(compile(ast.Module(body, []), mutant.path, "exec", dont_inherit=True), vars(module))  # noqa: S102
        changed = {name: value for name, value in vars(module).items() if before.get(name) is not value}
        if all(before.get(name) == value for name, value in changed.items()):
            raise NothingToPutIn
        for other in list(sys.modules.values()):
            for name in changed.keys() & set(getattr(other, "__dict__", ())):
                if vars(other)[name] is before[name]:
                    setattr(other, name, changed[name])
        for function in self.of_file[module.__file__]:
            _default_again(function, tree)
        taken = {id(before[name]): value for name, value in changed.items() if isinstance(before[name], NEVER_SHARED)}
        for function in self.with_defaults:
            if function.__defaults__:
                function.__defaults__ = tuple(taken.get(id(value), value) for value in function.__defaults__)
            for name, value in (function.__kwdefaults__ or {}).items():
                function.__kwdefaults__[name] = taken.get(id(value), value)
        for field in (field for model in apps.get_models() for field in model._meta.concrete_fields):
            if id(field.default) in taken:
                field.default = taken[id(field.default)]
                vars(field).pop("_get_default", None)

    def _swap(self, file: str, mutant: Mutant) -> None:
        codes, changed = _codes(compile(mutant.source, file, "exec", dont_inherit=True)), 0
        for function in self.of_file[file]:
            code = codes.get(function.__qualname__)
            if code is not None and code != self.codes[file][function.__qualname__]:
                function.__code__ = code
                changed += 1
        tree = ast.parse(mutant.source)
        changed += sum(_default_again(function, tree) for function in self.of_file[file])
        if not changed:
            raise NothingToPutIn


def _defaults(function: FunctionType) -> tuple:
    return (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())


def _codes(code: CodeType) -> dict[str, CodeType]:
    """The code of a module's functions and of its classes' methods; what is nested deeper comes with these."""
    found = {}
    for inner in code.co_consts:
        if isinstance(inner, CodeType) and "<" not in inner.co_qualname:
            found |= {inner.co_qualname: inner} | _codes(inner)
    return found


def _default_again(function: FunctionType, tree: ast.Module) -> bool:
    """Work a function's defaults out again, as they are when it is made; whether they are others now."""
    definition = next((n for n in tree.body if getattr(n, "name", "") == function.__qualname__), None)
    if not isinstance(definition, ast.FunctionDef):
        return False
    bare = ast.FunctionDef(definition.name, definition.args, [ast.Pass()], [], lineno=1, col_offset=0)
    for argument in (*bare.args.args, *bare.args.kwonlyargs):
        argument.annotation = None
    made, before = {}, (function.__defaults__, function.__kwdefaults__)
    module = ast.fix_missing_locations(ast.Module([bare], []))
    exec(compile(module, "defaults", "exec", dont_inherit=True), function.__globals__, made)  # noqa: S102
    function.__defaults__, function.__kwdefaults__ = made[bare.name].__defaults__, made[bare.name].__kwdefaults__
    return before != (function.__defaults__, function.__kwdefaults__)
