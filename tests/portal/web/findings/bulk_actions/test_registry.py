"""Every module of bulk actions is found, offered once and tested."""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from portal.treatment.errors import WrongState
from portal.treatment.models import Batch
from portal.web.components.icons import ICONS
from portal.web.findings import bulk_actions as package
from portal.web.findings.bulk_actions.base import BulkAction
from portal.web.findings.bulk_actions.registry import action_that_made, bulk_actions, runnable_action
from tests.portal.web.world import World

NOT_ACTIONS = {"base", "registry"}


def modules() -> set[str]:
    return {module.name for module in pkgutil.iter_modules(package.__path__)} - NOT_ACTIONS


def test_every_module_declares_an_action() -> None:
    assert len(bulk_actions()) == len(modules())
    assert {type(action).__module__.rpartition(".")[2] for action in bulk_actions()} == modules()


def test_keys_and_positions_are_unique() -> None:
    actions = bulk_actions()
    assert len({action.key for action in actions}) == len(actions)
    assert len({action.position for action in actions}) == len(actions)
    assert [action.position for action in actions] == sorted(action.position for action in actions)


@pytest.mark.parametrize("action", bulk_actions(), ids=lambda action: action.key)
def test_an_action_is_complete(action: BulkAction) -> None:
    assert action.label[:1].isupper()
    assert not action.icon or action.icon in ICONS
    if action.page:
        assert runnable_action(action.key) is None
        assert reverse(action.page, args=["slug"])
    else:
        assert runnable_action(action.key) is action
        assert action.skipped_because


def test_a_batch_of_an_unknown_kind_cannot_be_undone() -> None:
    for kind in ("of a later version", "request-exception"):
        with pytest.raises(WrongState, match="Change the findings yourself"):
            action_that_made(Batch(kind=kind))


@pytest.mark.parametrize("name", sorted(modules()))
def test_every_action_has_its_own_tests(name: str) -> None:
    assert (Path(__file__).parent / f"test_{name}.py").is_file()


def test_the_selection_bar_offers_every_action_in_order(world: World, engineer: Client) -> None:
    html = engineer.get(reverse("findings", args=[world.home.slug])).content.decode()
    bar = html.split('aria-label="Selected findings"')[1].split("data-select-none")[0]
    # Look for keys and addresses instead of labels: a label may be part of another label, or of a choice in a form.
    buttons = re.findall(r'name="action" value="([^"]*)"|formaction="([^"]*)"', bar)
    offered = [
        reverse(action.page, args=[world.home.slug]) if action.page else action.key
        for action in bulk_actions()
    ]
    assert [key or page for key, page in buttons] == offered
