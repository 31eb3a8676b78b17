"""Some messages name an object, and the customer or organization that owns it. The task of each such message refuses
an object of another customer or organization.

Anyone who can write to the broker can send such a message. The tasks come from Celery's registry, so a new task is
attacked without a change here.
"""

from __future__ import annotations

import inspect
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from celery import current_app
from django.core import mail
from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from assessments.actions.check_finding import request_check
from assessments.actions.credentials.attempt_records import new_attempt, store_attempt
from assessments.actions.credentials.preflight import request_preflight
from assessments.models import Assessment, Unit, Watch
from portal.celery import app
from portal.offboarding.models import CustomerExport
from portal.portfolio_reports.actions import request_portfolio
from portal.reports.actions import request_report
from portal.retention.models import RetentionRun
from tenants.errors import SuretyError
from tenants.models import Tenant
from tenants.scope import organization_scope
from tests.assessments.registered_tasks import surety_tasks
from tests.isolation.fingerprints import fingerprints, references_to
from tests.isolation.foreign_kinds import complete
from tests.portal.web.world import World

TASKS = {
    name: task for name, task in surety_tasks(app).items() if len(inspect.signature(task.run).parameters) > 1
}
# {task: a table that the task changes}, for tasks that need no Azure and take less than a second.
CHANGED = {
    "portal.members.tasks.send_invitation": "tenants_invitation",
    "portal.retention.tasks.run": "retention_retentionrun",
    "portal.treatment.tasks.after_assessment": "treatment_snapshot",
}


def run(name: str, owner: Tenant, object_id: UUID) -> None:
    """Run a task for a customer or its organization."""
    kind, *_ = inspect.signature(TASKS[name].run).parameters
    owners = {"tenant_id": owner.pk, "organization_id": owner.organization_id}
    TASKS[name].run(str(owners[kind]), str(object_id))


@pytest.fixture
def world(committed_world: World) -> World:
    """Return a `World` in a copy of its database, because tasks commit."""
    return committed_world


def waiting(world: World) -> dict[str, UUID]:
    """Return {task: id of an unfinished object of the foreign customer}. The tasks would ignore the objects of
    the test data, because those are finished.
    """
    tenant, theirs = world.foreign, world.of(world.foreign)
    person = theirs["waiting"].person
    with organization_scope(tenant.organization_id):
        made = {"tenant": tenant, "catalogue_hash": "0" * 64, "product_version": "1"}
        running = Assessment.objects.create(**made, number=7001, state=Assessment.State.RUNNING)
        unit = Unit.objects.filter(assessment=theirs["assessment"])[:1].get()
        # The sample's assessment has ended. So move its unit to a running assessment, in which the unit can wait.
        Unit.objects.filter(pk=unit.pk).update(assessment=running)
        Unit.objects.filter(pk=unit.pk).update(state=Unit.State.WAITING, attempt=0, ended_at=None)
        Watch.objects.filter(tenant=tenant).update(next_at=timezone.now() - timedelta(minutes=1))
        attempt = new_attempt(person, "client", principal_id=theirs["principal"].pk)
        store_attempt(tenant.pk, attempt)
        managing = new_attempt(person, "client", principal_id=theirs["managing_principal"].pk)
        store_attempt(tenant.organization_id, managing)
        request_check(finding=theirs["finding"], by=person)
        request_preflight(by=person, service_principal=theirs["principal"], subscriptions=[])
        portfolio = request_portfolio(organization=tenant.organization, by=person)
        return {
            "assessments.tasks.check_finding": theirs["finding"].pk,
            "assessments.tasks.run_unit": unit.pk,
            "assessments.tasks.try_credential": attempt.id,
            "assessments.tasks.try_managing_credential": managing.id,
            "portal.leaving.tasks.export": CustomerExport.objects.create(
                tenant=tenant, requested_by=person
            ).pk,
            "portal.portfolio_reports.tasks.build": portfolio.pk,
            "portal.reports.tasks.build": request_report(
                tenant=tenant, by=person, assessment=theirs["assessment"]
            ).pk,
            "portal.retention.tasks.run": RetentionRun.objects.create(tenant=tenant, dry_run=True).pk,
        }


def test_no_task_touches_an_object_of_another_owner(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[list[str]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_: sent.append(args))
    complete(world)
    ids = waiting(world)
    sent.clear()
    before = fingerprints(world.foreign)
    assert len(TASKS) >= 18
    for name in TASKS:
        foreign = ids.get(name, world.foreign_id)
        # The task may fail, because the object does not belong to the named customer or organization.
        with suppress(ObjectDoesNotExist, SuretyError):
            run(name, world.home, foreign)
        assert fingerprints(world.foreign) == before, name
        assert references_to(world.home, {foreign, world.foreign_id}, in_json=True) == [], name
    known = {*ids.values(), world.foreign_id, world.foreign.pk, world.foreign.organization_id}
    assert [arguments for arguments in sent if set(arguments) & set(map(str, known))] == []
    assert mail.outbox == []
    # Check that `fingerprints` notices changes. Each of these tasks, run for the owner of its object, changes `table`.
    for name, table in CHANGED.items():
        before = fingerprints(world.foreign)
        run(name, world.foreign, ids.get(name, world.foreign_id))
        after = fingerprints(world.foreign)
        assert table in {one for one in after if after[one] != before[one]}, name
