"""“Run now” of a schedule requires a recent sign-in, and is refused during a run and while the schedule is paused."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.distribution.actions.runs import run_due, run_now
from portal.distribution.actions.schedules import (
    set_schedule_enabled,
)
from tenants.errors import Conflict
from tests import factories
from tests.portal.distribution.schedules import add, runs
from tests.portal.web.requests import page
from tests.portal.web.world import World
from tests.signed_in import signed_in_client


def test_run_now_asks_for_a_proof_and_starts_one_run_at_a_time(world: World) -> None:
    row = add(world.home)
    url = reverse("report-schedule-run", args=[world.home.slug, row.pk])
    copied = signed_in_client(world.people["organization_engineer"], proof_age=301)
    assert copied.post(url).headers["Location"].startswith(reverse("account_reauthenticate"))
    assert runs(world.home) == []
    client = signed_in_client(world.people["organization_engineer"])
    for _ in range(3):
        client.post(url)
    assert len(runs(world.home)) == 1
    assert "already being built or waits to be built" in client.post(url, follow=True).content.decode()
    run_due(tenant_id=world.home.pk)
    assert [run.state for run in runs(world.home)] == ["building"]
    client.post(url)
    assert len(runs(world.home)) == 1


def test_a_paused_schedule_starts_no_waiting_run_until_it_is_resumed(world: World) -> None:
    row = add(world.home)
    with factories.in_tenant(world.home):
        run_now(schedule=row, by=factories.BY)
        set_schedule_enabled(schedule=row, by=factories.BY, enabled=False)
    run_due(tenant_id=world.home.pk)
    assert [run.state for run in runs(world.home)] == ["waiting"]
    client = signed_in_client(world.people["organization_engineer"])
    assert "Run now" not in page(client, "report-schedules", world.home.slug)
    with factories.in_tenant(world.home):
        with pytest.raises(Conflict) as refused:
            run_now(schedule=row, by=factories.BY)
        assert refused.value.code == "paused"
        set_schedule_enabled(schedule=row, by=factories.BY, enabled=True)
    run_due(tenant_id=world.home.pk)
    assert [run.state for run in runs(world.home)] == ["building"]
