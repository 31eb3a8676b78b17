"""Names and labels of schedules cannot control a terminal or add headers to a mail."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.distribution.actions.schedules import (
    add_schedule,
)
from portal.distribution.models import ReportSchedule
from tenants.errors import InvalidInput
from tenants.scope import organization_scope
from tests import factories
from tests.portal.distribution.schedules import add, choices
from tests.portal.web.world import World


@pytest.mark.parametrize("text", ["Monthly\x1b[2J", "Monthly\x07", "Monthly\u202egpj", "Monthly\nBcc: a"])
def test_names_and_labels_are_one_line_without_control_characters(world: World, text: str) -> None:
    with organization_scope(world.organization):
        for field in ("name", "label"):
            with pytest.raises(InvalidInput) as refused:
                add_schedule(place=world.organization, by=factories.BY, choices=choices(**{field: text}))
            assert refused.value.fields.keys() == {field}


def test_the_command_shows_control_characters_of_stored_names(world: World) -> None:
    row = add(world.home)
    with factories.in_tenant(world.home):
        ReportSchedule.objects.filter(pk=row.pk).update(name="Monthly\x1b[2J")
    out = StringIO()
    call_command("report_schedules", stdout=out)
    call_command("report_schedules", "pause", world.home.slug, "--name", "Monthly\x1b[2J", stdout=out)
    assert out.getvalue().count(r"Monthly\x1b[2J") == 2
    assert "\x1b" not in out.getvalue()
    with pytest.raises(CommandError) as refused:
        call_command("report_schedules", "pause", world.home.slug, "--name", "No\x1b[2J")
    assert r"“No\x1b[2J”" in str(refused.value)
