"""Every bulk action is found, tested and offered once in the selection bar."""

from __future__ import annotations

import pkgutil
import re
from collections import Counter
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from portal.bulk_jobs import bulk_actions as actions_package
from portal.bulk_jobs.bulk_actions.base import BulkAction
from portal.bulk_jobs.bulk_actions.registry import bulk_actions
from portal.treatment.errors import WrongState
from portal.treatment.models import Batch
from portal.web.components.icons import ICONS
from portal.web.findings import buttons as buttons_package
from portal.web.findings.buttons.base import Button
from portal.web.findings.buttons.registry import action_that_made, buttons, runnable_button
from tests.portal.bulk_jobs import bulk_actions as tests_package
from tests.portal.bulk_jobs.selections import acting
from tests.portal.web.world import World

NOT_ACTIONS = {"base", "registry", "values"}


def modules() -> set[str]:
    return {module.name for module in pkgutil.iter_modules(actions_package.__path__)} - NOT_ACTIONS


def test_every_module_declares_an_action() -> None:
    declared = [type(action).__module__.rpartition(".")[2] for action in bulk_actions().values()]
    assert sorted(declared) == sorted(modules())


def test_every_module_of_a_button_declares_the_button_of_an_action() -> None:
    own = {module.name for module in pkgutil.iter_modules(buttons_package.__path__)} - {"base", "registry"}
    assert own == {type(one).__module__.rpartition(".")[2] for one in buttons() if type(one) is not Button}


def test_keys_and_positions_are_unique() -> None:
    assert len({button.key for button in buttons()}) == len(bulk_actions()) == len(buttons())
    positions = [button.action.position for button in buttons()]
    assert positions == sorted(set(positions))


def test_the_fields_of_all_forms_have_different_names(world: World) -> None:
    with acting(world, "organization_administrator"):
        forms = [button.form(world.home) for button in buttons()]
    number = Counter(name for form in forms if form is not None for name in form.fields)
    assert number
    assert [name for name, count in number.items() if count > 1] == [], "give these values other names"


@pytest.mark.parametrize("button", buttons(), ids=lambda button: button.key)
def test_a_button_is_complete(button: Button) -> None:
    action = button.action
    assert button.label[:1].isupper()
    assert not action.icon or action.icon in ICONS
    if button.page:
        assert runnable_button(button.key) is None
        assert reverse(button.page, args=["slug"])
    else:
        assert runnable_button(button.key) is button
        assert action.skipped_because
        writes_own_text = type(action).result_text is not BulkAction.result_text
        assert writes_own_text or "{findings}" in action.result


def test_a_batch_of_an_unknown_kind_cannot_be_undone() -> None:
    for kind in ("of a later version", "request-exception"):
        with pytest.raises(WrongState, match="Change the findings yourself"):
            action_that_made(Batch(kind=kind))


@pytest.mark.parametrize("name", sorted(modules()))
def test_every_action_has_its_own_tests(name: str) -> None:
    assert Path(tests_package.__path__[0], f"test_{name}.py").is_file()


def test_the_selection_bar_offers_every_action_in_order(world: World, engineer: Client) -> None:
    html = engineer.get(reverse("findings", args=[world.home.slug])).content.decode()
    bar = html.split('aria-label="Selected findings"')[1].split("data-select-none")[0]
    # Look for keys and addresses instead of labels: a label may be part of another label, or of a choice in a form.
    found = re.findall(r'name="action" value="([^"]*)"|formaction="([^"]*)"', bar)
    offered = [
        reverse(button.page, args=[world.home.slug]) if button.page else button.key for button in buttons()
    ]
    assert [key or page for key, page in found] == offered
