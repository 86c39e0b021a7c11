"""Whether a server of the release before may go on while a migration is applied: it may, if the migration only adds.

What takes away, renames or narrows comes a release later, when nothing uses it any more (CONTRIBUTING.md).
"""

from collections.abc import Iterator

from django.db import NotSupportedError, connection
from django.db.migrations import Migration, operations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, Field

ADD = (
    operations.CreateModel,
    operations.AddIndex,
    operations.RemoveIndex,
    operations.RenameIndex,
    operations.RemoveConstraint,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.AlterModelTableComment,
    operations.RunPython,  # rows, not their shape
)
OF_THE_CODE = {"choices", "verbose_name", "help_text", "validators", "editable", "blank", "default", "error_messages"}


def waiting() -> Iterator[tuple[Migration, list[str]]]:
    """The migrations that wait, in their order, each with what in it the release before cannot live with."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    state = executor._create_project_state(with_applied_migrations=True)
    for migration, is_backwards in plan:
        if is_backwards:
            raise NotSupportedError(f"{migration} would be taken back")
        yield migration, list(narrowed(migration, state))
        state = migration.mutate_state(state, preserve=False)


def narrowed(migration: Migration, state: ProjectState) -> Iterator[str]:
    """Words for each operation of the migration, applied to that state, which does more than add."""
    state, label = state.clone(), migration.app_label
    made = set()  # a table that the migration itself makes nobody uses yet
    for operation in migration.operations:
        if isinstance(operation, operations.CreateModel):
            made.add(operation.name_lower)
        of_a_new_table = getattr(operation, "model_name_lower", None) in made
        if not (of_a_new_table or isinstance(operation, ADD) or _adds(operation, state, label)):
            yield operation.describe()
        operation.state_forwards(label, state)


def _adds(operation: operations.base.Operation, state: ProjectState, label: str) -> bool:
    if isinstance(operation, operations.AddField):
        return _fills_itself(operation.field)
    if isinstance(operation, operations.AlterField):
        before = state.models[label, operation.model_name_lower].fields[operation.name]
        return _is_wider(before, operation.field)
    return False


def _fills_itself(field: Field) -> bool:
    """The release before writes rows without it."""
    return field.null or field.many_to_many or field.db_default is not NOT_PROVIDED


def _is_wider(before: Field, after: Field) -> bool:
    """The new one takes all that the old one took."""
    (_name, kind, _args, old), (_name, new_kind, _args, new) = before.deconstruct(), after.deconstruct()
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)} - OF_THE_CODE
    if "null" in changed and new.get("null"):
        changed -= {"null"}
    if "db_default" in changed and "db_default" in new:
        changed -= {"db_default"}
    if "max_length" in changed and (new.get("max_length") or 0) > (old.get("max_length") or 0):
        changed -= {"max_length"}
    return kind == new_kind and not changed
