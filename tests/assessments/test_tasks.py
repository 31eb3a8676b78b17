"""Messages to workers are JSON with ids, and a message cannot make a worker touch another customer."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import pytest
from django.conf import settings
from kombu.exceptions import ContentDisallowed
from kombu.serialization import loads

from assessments.actions.units.lease import claim
from assessments.models import Assessment, Unit
from portal.celery import app
from tenants.scope import tenant_scope
from tests.assessments.registered_tasks import surety_tasks
from tests.portal.web.world import World


class Attack:
    """An object that runs code when it is unpickled."""

    def __reduce__(self) -> Any:
        return (pytest.fail, ("a worker unpickled a message",))


def test_a_pickled_message_is_refused_unread() -> None:
    body = pickle.dumps([(Attack(),), {}, {}])
    accepted = app.conf.accept_content
    assert list(accepted) == ["json"] == list(settings.CELERY_ACCEPT_CONTENT)
    with pytest.raises(ContentDisallowed):
        loads(body, "application/x-python-serialize", "binary", accept=accepted)


def test_tasks_take_ids_only() -> None:
    tasks = surety_tasks(app)
    assert {"assessments.tasks.run_unit", "portal.reports.tasks.build", "portal.notify.tasks.send"} <= set(
        tasks
    )
    for name, task in tasks.items():
        parameters = inspect.signature(task.run).parameters.values()
        wrong = [str(p) for p in parameters if not p.name.endswith("_id") or p.annotation not in ("str", str)]
        assert wrong == [], name


def test_a_unit_of_another_customer_is_not_claimed(world: World) -> None:
    """The message names one customer and a unit of another customer; anyone who can write to the broker could send
    it.
    """
    assessment = world.of(world.foreign)["assessment"]
    with tenant_scope(world.foreign.pk):
        unit = Unit.objects.filter(assessment=assessment).first()
        assert unit is not None
        # A unit of an ended assessment cannot be claimed by anyone, so move this unit to a running assessment.
        running = Assessment.objects.create(
            tenant=world.foreign, number=7001, catalogue_hash="0" * 64, product_version="1", state="running"
        )
        Unit.objects.filter(pk=unit.pk).update(assessment=running)
        Unit.objects.filter(pk=unit.pk).update(state=Unit.State.WAITING, attempt=0, ended_at=None)
    assert claim(tenant_id=world.home.pk, unit_id=unit.pk, worker="test") is None
    with tenant_scope(world.foreign.pk):
        unit.refresh_from_db()
        assert (unit.state, unit.attempt) == (Unit.State.WAITING, 0)
    # The same message with the right customer is accepted.
    lease = claim(tenant_id=world.foreign.pk, unit_id=unit.pk, worker="test")
    assert lease is not None
    assert lease.attempt == 1
