"""Migrate an empty database in a fraction of the time, by rendering only the model that an operation changes.

A rendered model is the Python class that Django makes from the state of a model. After each operation, Django renders
the changed model and all related models again, about 50 models. This takes most of the time of a migration.

With this module, operations on constraints and indexes only change the options of the rendered model. If another model
refers to the changed model, operations that can change a relation work as in Django. All other operations render the
changed model alone. Other rendered models may then be outdated, so these operations set `is_delayed`: Django renders
all models before it runs Python code. What the operations do in the database does not change.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db.migrations.state import ProjectState

_find_all_related: Final[Any] = ProjectState._find_reload_model  # type: ignore[attr-defined]


class _Changed:
    """Replacements for methods of `ProjectState`."""

    def _append_option(self: Any, app_label: str, model_name: str, option_name: str, obj: Any) -> None:
        before = self.models[app_label, model_name].options[option_name]
        _set_option(self, app_label, model_name, option_name, [*before, obj])

    def _remove_option(self: Any, app_label: str, model_name: str, option_name: str, obj_name: str) -> None:
        before = self.models[app_label, model_name].options[option_name]
        _set_option(self, app_label, model_name, option_name, [one for one in before if one.name != obj_name])

    def _find_reload_model(
        self: Any, app_label: str, model_name: str, delay: bool = False
    ) -> set[tuple[str, str]]:
        """Return the models to render again. `delay` is True if the operation changes no relation."""
        if not delay and _is_referenced(self, app_label, model_name):
            found: set[tuple[str, str]] = _find_all_related(self, app_label, model_name, delay)
            return found
        self.is_delayed = True
        return {(app_label, model_name)}


def _is_referenced(state: Any, app_label: str, model_name: str) -> bool:
    """Return whether a relation of another model (such as a foreign key) points to this model."""
    try:
        model = state.apps.get_model(app_label, model_name)
    except LookupError:  # The operation creates the model.
        return False
    return any(field.model._meta.label != model._meta.label for field in model._meta._relation_tree)


def _set_option(state: Any, app_label: str, model_name: str, option_name: str, value: list[Any]) -> None:
    state.models[app_label, model_name].options[option_name] = value
    if "apps" in state.__dict__:  # Reading `apps` renders all models, unless it is cached.
        options = state.apps.get_model(app_label, model_name)._meta
        setattr(options, option_name, options._format_names(value))


@contextmanager
def fast_migrations() -> Iterator[None]:
    """Make migrations fast in this process until the block ends."""
    replaced = {name: getattr(ProjectState, name) for name in vars(_Changed) if not name.startswith("__")}
    for name in replaced:
        setattr(ProjectState, name, getattr(_Changed, name))
    try:
        yield
    finally:
        for name, method in replaced.items():
            setattr(ProjectState, name, method)
