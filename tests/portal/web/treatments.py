"""Helpers for tests of pages: request and approve exceptions, assign and change findings of the home tenant."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.utils import timezone

from assessments.models import Finding
from portal.treatment.actions.exceptions import approve, request_exception
from portal.treatment.actions.owners.assign import assign
from portal.treatment.models import FindingException
from tenants.models import Person
from tests import factories
from tests.portal.web.world import World

Scope = FindingException.Scope


def day(days: int) -> str:
    """Return the date that is `days` days from today (UTC), in the format of a form."""
    return f"{timezone.now() + timedelta(days=days):%Y-%m-%d}"


def failing(world: World) -> list[Finding]:
    """Return the home tenant's failing findings that are not owned in the test data, in a fixed order."""
    owned = world.of(world.home)["owned"]
    with factories.in_tenant(world.home):
        rows = Finding.objects.filter(outcome="fail").exclude(pk=owned.pk)
        return list(rows.order_by("control", "subject_name"))


def ask(
    world: World, *, by: str = "organization_engineer", findings: int = 1, days: int = 60, **given: Any
) -> FindingException:
    """Request an exception by `rule`. Without it, request one for the last of `failing`: `findings` is their number."""
    values: dict[str, Any] = {
        "scope": Scope.RULE if "rule" in given else Scope.FINDING if findings == 1 else Scope.LIST,
        "reason": "It is needed like this.",
        "ends_at": timezone.now() + timedelta(days=days),
        **given,
    }
    chosen = [row.pk for row in failing(world)[-findings:]]
    with factories.in_tenant(world.home):
        if "rule" not in given:
            values["findings"] = Finding.objects.filter(pk__in=chosen)
        return request_exception(tenant=world.home, by=world.people[by], **values)


def approved(world: World, **given: Any) -> FindingException:
    exception = ask(world, **given)
    with factories.in_tenant(world.home):
        return approve(exception=exception, by=world.people["approver"])


def change(world: World, finding: Finding, **observed: Any) -> None:
    """Change the finding's observed value, as an assessment would."""
    values = {**finding.observed, **observed}
    sha256 = hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=finding.pk).update(observed=values, observed_sha256=sha256)


def give(world: World, finding: Finding, owner: Person) -> None:
    with factories.in_tenant(world.home):
        assign(
            tenant=world.home,
            findings=Finding.objects.filter(pk=finding.pk),
            owner=owner,
            by=world.people["organization_engineer"],
        )
