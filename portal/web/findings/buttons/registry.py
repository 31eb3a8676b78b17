"""Find the buttons of all bulk actions."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from django import forms

from portal.bulk_jobs.bulk_actions.base import BulkAction
from portal.bulk_jobs.bulk_actions.registry import bulk_actions
from portal.treatment.errors import WrongState
from portal.treatment.models import Batch
from portal.web.findings import buttons as package
from portal.web.findings.buttons.base import Button
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class OfferedButton:
    """A button of the selection bar, with its empty form."""

    button: Button
    form: forms.Form | None


@cache
def buttons() -> tuple[Button, ...]:
    """Return the button of every bulk action, in the order of the selection bar. If a module of this package defines a
    `BUTTON` for the action, return it. For any other action, return a plain `Button`.
    """
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    modules = [import_module(f"{package.__name__}.{name}") for name in names]
    own = {module.BUTTON.key: module.BUTTON for module in modules if hasattr(module, "BUTTON")}
    found: list[Button] = [own.get(key) or Button(action) for key, action in bulk_actions().items()]
    return tuple(sorted(found, key=lambda button: button.action.position))


def runnable_button(key: str) -> Button | None:
    """Return the button of the action with this key. Return None if there is no such action, or if its button only
    opens a page.
    """
    return next((button for button in buttons() if button.key == key and not button.page), None)


def offered_buttons(tenant: Tenant) -> list[OfferedButton]:
    """Return the buttons that the person of this request may use."""
    return [OfferedButton(button, button.form(tenant)) for button in buttons() if button.is_offered(tenant)]


def offers_any(tenant: Tenant) -> bool:
    """Return whether the person of this request may use at least one button. This needs no database query."""
    return any(button.is_offered(tenant) for button in buttons())


def action_that_made(batch: Batch) -> BulkAction:
    """Return the action that made a batch. Raise WrongState if no action has the batch's kind, or if the action cannot
    be undone.
    """
    action = bulk_actions().get(batch.kind)
    if action is None or action.cannot_be_undone:
        raise WrongState("This version of Surety cannot undo this change. Change the findings yourself.")
    return action
