"""The operator's command and an administrator erase a customer together: one requests the erasure, the other confirms
it.
"""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.offboarding.erasures.requests import confirm_erasure
from portal.offboarding.models import Erasure
from tenants.scope import person_scope
from tests.portal.offboarding.erasure_cases import archive, first, requested
from tests.portal.web.world import World

pytestmark = pytest.mark.slow(seconds=10)

State = Erasure.State


def run_command(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_command_and_an_administrator_erase_a_customer(world: World) -> None:
    slug = world.home.slug
    with pytest.raises(CommandError, match="There is no customer"):
        run_command("erase_customer", "nobody", "--run")
    with pytest.raises(CommandError, match="is not archived"):
        run_command("erase_customer", slug, "--reason", "The contract ended")
    archive(world)
    with pytest.raises(CommandError, match="No erasure has been requested"):
        run_command("erase_customer", slug, "--run")
    assert "waiting for a second administrator" in run_command("erase_customer", slug, "--reason", "Ends")
    with pytest.raises(CommandError, match="so an administrator must confirm"):
        run_command("erase_customer", slug, "--confirm")
    assert "withdrawn" in run_command("erase_customer", slug, "--withdraw")
    run_command("erase_customer", slug, "--reason", "Ends")
    with person_scope(first(world)):
        confirm_erasure(
            erasure=Erasure.objects.get(subject=world.home.pk, state=State.REQUESTED), by=first(world)
        )
    assert "done" in run_command("erase_customer", slug, "--run")
    with pytest.raises(CommandError, match="There is no customer"):
        run_command("erase_customer", slug, "--run")


def test_operator_confirms_what_an_administrator_requested(world: World) -> None:
    requested(world)
    assert "confirmed" in run_command("erase_customer", world.home.slug, "--confirm")
