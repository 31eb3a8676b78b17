"""Tasks after real assessments of a sandbox, and the tick that finds due and missed work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.conf import settings
from django.utils import timezone

from assessments.models import Finding
from portal.celery import app
from portal.notify.models import Notice
from portal.treatment.actions.exceptions import approve, request_exception
from portal.treatment.actions.owners.rules import create_rule
from portal.treatment.actions.refresh import refresh_treatments
from portal.treatment.models import FindingException, Snapshot, Treatment
from portal.treatment.states import shown_state
from portal.treatment.tasks import tick
from tenants import journal
from tenants.roles import Role
from tenants.scope import tenant_scope
from tests import factories
from tests.as_owner import change_as_owner
from tests.assessments.conftest import azure, azure_folder, customer
from tests.assessments.lifecycle.estates import estate, with_account, without
from tests.assessments.sandboxed_customer import Azure, Customer, sent, work
from tests.portal.treatment.exception_cases import REASON

__all__ = ["azure", "azure_folder", "customer"]  # fixtures

CONTROL = "storage-key-rotation"
AFTER, REFRESH = "portal.treatment.tasks.after_assessment", "portal.treatment.tasks.refresh"
DAY = timedelta(days=1)


def keys(name: str, year: int) -> Any:
    """Return a change of the estate: both keys of the account were created in `year`, long before the assessment."""
    made = f"{year}-01-01T00:00:00Z"
    return with_account(name, keyCreationTime={"key1": made, "key2": made})


def old(*years: tuple[str, int]) -> Any:
    def change(lines: list[Any]) -> list[Any]:
        for name, year in years:
            lines = keys(name, year)(lines)
        return lines

    return change


def shown(assessed: Customer) -> dict[str, str]:
    """Return {storage account: shown state of its finding about key rotation}."""
    with tenant_scope(assessed.tenant.pk):
        rows = Finding.objects.filter(control=CONTROL).annotate(shown=shown_state(timezone.now()))
        return dict(rows.values_list("subject_name", "shown"))


def mine(assessed: Customer) -> list[tuple[str, list[str]]]:
    """Return the enqueued tasks about this tenant's treatments, and remove them from the queue."""
    return [
        message
        for message in sent()
        if message[0].startswith("portal.treatment") and message[1][0] == str(assessed.tenant.pk)
    ]


def ticked(assessed: Customer) -> list[tuple[str, list[str]]]:
    sent()
    tick()
    return mine(assessed)


@pytest.fixture
def assessed(azure: Azure, customer: Customer) -> Customer:
    azure.serve(estate(first=old(("aplain", 2020), ("bsafe", 2020))))
    customer.add()
    return customer


@pytest.mark.slow(seconds=3)
def test_treatments_follow_real_assessments(azure: Azure, assessed: Customer) -> None:
    tenant = assessed.tenant
    engineer, approver = (
        factories.member(role, tenant) for role in (Role.TENANT_ADMINISTRATOR, Role.APPROVER)
    )
    with tenant_scope(tenant.pk):
        create_rule(tenant=tenant, by=engineer, name="Storage", owner=engineer, section="storage")
    assessed.assess()
    assert shown(assessed) == {"aplain": "open", "bsafe": "open", "csafe": "unknown"}
    with tenant_scope(tenant.pk):
        owned = Treatment.objects.filter(finding__control=CONTROL, owner=engineer)
        assert set(owned.values_list("finding__subject_name", flat=True)) == {"aplain", "bsafe"}
        assert Snapshot.objects.get().through == 1
        first = Snapshot.objects.get().adjusted or 0
        exception = request_exception(
            tenant=tenant, by=engineer, scope=FindingException.Scope.RULE, rule={"control": CONTROL}, maximum=3,
            reason=REASON, ends_at=timezone.now() + 30 * DAY,
        )  # fmt: skip
        approve(exception=exception, by=approver)
    work()
    assert shown(assessed) == {"aplain": "excepted", "bsafe": "excepted", "csafe": "unknown"}
    with tenant_scope(tenant.pk):
        row = Snapshot.objects.get()
        # The decision has enqueued a refresh, which has updated the snapshot.
        assert (row.adjusted or 0) > first
    # Unchanged findings stay covered. A third finding fails now, and the maximum of 3 allows it.
    assessed.azure_is(estate(first=old(("aplain", 2020), ("bsafe", 2020), ("csafe", 2021))))
    assessed.assess()
    assert shown(assessed) == {"aplain": "excepted", "bsafe": "excepted", "csafe": "excepted"}
    # Now one observed value changes, and one account is deleted.
    assessed.azure_is(
        estate(
            first=lambda lines: without("storageAccounts/bsafe")(
                old(("aplain", 2022), ("csafe", 2021))(lines)
            )
        )
    )
    assessed.assess()
    assert shown(assessed) == {"aplain": "open", "bsafe": "gone", "csafe": "excepted"}
    with tenant_scope(tenant.pk):
        exception.refresh_from_db()
        assert (exception.state, exception.returned_because) == ("returned", "changed")
        actions = [entry.action for entry in journal.entries(tenant) if entry.action.startswith("exception.")]
        assert journal.verify(tenant) == []
        kinds = Notice.objects.filter(person=approver).order_by("id").values_list("kind", flat=True)
        assert list(kinds) == ["exception_requested", "exception_returned"]
        assert Snapshot.objects.get().through == 3
    assert actions == [
        f"exception.{word}" for word in ("requested", "approved", "extended", "shrunk", "returned")
    ]
    written = assessed.written()
    for _ in range(2):
        refresh_treatments(tenant_id=tenant.pk)
    assert assessed.written() == written


@pytest.mark.slow(seconds=1)
def test_the_tick_repeats_a_lost_message(assessed: Customer) -> None:
    assessment = assessed.start()
    for _ in range(3):
        messages = sent()
        for task, arguments in messages:
            if not task.startswith("portal."):
                current_app.tasks[task].apply(args=arguments, throw=True)
    assert assessed.read(assessment).state == "finished"
    assert mine(assessed) == []  # Lost: taken from the queue, but not executed.
    assert AFTER not in [task for task, _ in ticked(assessed)]  # Too early: the message may still arrive.
    with tenant_scope(assessed.tenant.pk):
        assert not Snapshot.objects.exists()
    change_as_owner(
        "assessments_assessment",
        assessed.tenant,
        "UPDATE assessments_assessment SET ended_at = ended_at - interval '3 minutes'",
    )
    assert ticked(assessed) == [(AFTER, [str(assessed.tenant.pk), str(assessment.pk)])]
    tick()
    work()
    with tenant_scope(assessed.tenant.pk):
        assert Snapshot.objects.get().through == 1
    assert ticked(assessed) == []


@pytest.mark.slow(seconds=2)
def test_the_tick_finds_tenants_with_due_work(assessed: Customer) -> None:
    tenant = assessed.tenant
    engineer, approver = (
        factories.member(role, tenant) for role in (Role.TENANT_ADMINISTRATOR, Role.APPROVER)
    )
    assessed.assess()
    assert ticked(assessed) == []
    with tenant_scope(tenant.pk):
        exception = request_exception(
            tenant=tenant, by=engineer, scope=FindingException.Scope.LIST, reason=REASON,
            findings=Finding.objects.filter(control=CONTROL, outcome="fail"), ends_at=timezone.now() + 2 * DAY,
        )  # fmt: skip
        approve(exception=exception, by=approver)
    work()
    assert ticked(assessed) == []
    with time_machine.travel(timezone.now() + 3 * DAY):
        assert ticked(assessed) == [(REFRESH, [str(tenant.pk)])]
        tick()
        work()
        assert ticked(assessed) == []
    with tenant_scope(tenant.pk):
        assert FindingException.objects.get().state == "expired"
        assert Notice.objects.filter(kind="exception_ended", person=engineer).count() == 1
    # A tenant without a snapshot of the current day needs a refresh as well.
    with time_machine.travel(timezone.now() + 4 * DAY):
        assert ticked(assessed) == [(REFRESH, [str(tenant.pk)])]
        tick()
        work()
        assert ticked(assessed) == []


def test_scheduled_and_enqueued_names_are_registered_tasks() -> None:
    app.loader.import_default_modules()
    wanted = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    wanted |= {*settings.SURETY_AFTER_ASSESSMENT, AFTER, REFRESH}
    assert wanted <= set(app.tasks)
