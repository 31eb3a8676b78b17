"""Migrate an empty database in half the time: new constraints and indexes do not render dozens of models again.

Django renders a model with all its related models after each operation (35 models at a time here). It does so even if
the operation only adds a constraint or an index to the model's options. With this module, such an operation only
changes the options of the rendered model. The operations on the database are the same as without this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState


class _Changed:
    """Replacements for methods of `ProjectState`."""

    def _append_option(self: Any, app_label: str, model_name: str, option_name: str, obj: Any) -> None:
        before = self.models[app_label, model_name].options[option_name]
        _set_option(self, app_label, model_name, option_name, [*before, obj])

    def _remove_option(self: Any, app_label: str, model_name: str, option_name: str, obj_name: str) -> None:
        before = self.models[app_label, model_name].options[option_name]
        _set_option(self, app_label, model_name, option_name, [one for one in before if one.name != obj_name])


def _set_option(state: Any, app_label: str, model_name: str, option_name: str, value: list[Any]) -> None:
    state.models[app_label, model_name].options[option_name] = value
    if (
        "apps" in state.__dict__
    ):  # If `apps` is not cached yet, reading this property would render all models.
        options = state.apps.get_model(app_label, model_name)._meta
        setattr(options, option_name, options._format_names(value))


@contextmanager
def fast_migrations() -> Iterator[None]:
    """Make migrations fast in this process."""
    replaced = {name: getattr(ProjectState, name) for name in ("_append_option", "_remove_option")}
    for name in replaced:
        setattr(ProjectState, name, getattr(_Changed, name))
    try:
        yield
    finally:
        for name, method in replaced.items():
            setattr(ProjectState, name, method)
