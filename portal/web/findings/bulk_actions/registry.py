"""Find the bulk actions of this package."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from django import forms

from portal.treatment.errors import WrongState
from portal.treatment.models import Batch
from portal.web.findings import bulk_actions as package
from portal.web.findings.bulk_actions.base import BulkAction
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class OfferedAction:
    """An action of the selection bar, with its empty form."""

    action: BulkAction
    form: forms.Form | None


@cache
def bulk_actions() -> tuple[BulkAction, ...]:
    """Return the `ACTION` of every module of the package, in the order of the selection bar."""
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    modules = [import_module(f"{package.__name__}.{name}") for name in names]
    actions = [module.ACTION for module in modules if hasattr(module, "ACTION")]
    return tuple(sorted(actions, key=lambda action: action.position))


def runnable_action(key: str) -> BulkAction | None:
    """Return the action with this key. Return None if there is no such action, or if the action only opens a page."""
    return next((action for action in bulk_actions() if action.key == key and not action.page), None)


def offered_actions(tenant: Tenant) -> list[OfferedAction]:
    """Return the actions that the person of this request may use."""
    return [
        OfferedAction(action, action.form(tenant)) for action in bulk_actions() if action.is_offered(tenant)
    ]


def offers_any(tenant: Tenant) -> bool:
    """Return whether the person of this request may use at least one action. This needs no database query."""
    return any(action.is_offered(tenant) for action in bulk_actions())


def action_that_made(batch: Batch) -> BulkAction:
    """Return the action that made a batch. Raise WrongState if no action has the batch's kind, or if the action cannot
    be undone.
    """
    # Actions with a page of their own are included, because that page creates batches too.
    action = next((action for action in bulk_actions() if action.key == batch.kind), None)
    if action is None or action.kind.cannot_be_undone:
        raise WrongState("This version of Surety cannot undo this change. Change the findings yourself.")
    return action
