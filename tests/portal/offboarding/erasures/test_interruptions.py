"""Erasures that are interrupted continue, count each row once, and report files that cannot be deleted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from portal.audit.verify import verify_chain
from portal.offboarding.erasures import erase_customer
from portal.offboarding.models import Erasure
from portal.portfolio_reports.models import PortfolioReport
from tenants.models import Directory, Person, Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.portal.offboarding.erasure_cases import confirmed, files_with, run, stored
from tests.portal.web.world import World
from tests.portal.web.world_files import folders_of

pytestmark = pytest.mark.slow(seconds=10)

State = Erasure.State


class Killed(BaseException):
    """Stands for the end of a killed worker process. The code does not handle this exception."""


@pytest.mark.parametrize("calls", [1, 3, 12, 40])
def test_erasure_continues_after_the_worker_was_killed(
    world: World, second: Person, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    erasure = confirmed(world, second)
    made = 0
    original = erase_customer._Work.call

    def dying(self: Any, function: str, *arguments: Any) -> Any:
        nonlocal made
        made += 1
        result = original(self, function, *arguments)
        if made == calls:
            raise Killed
        return result

    monkeypatch.setattr(erase_customer._Work, "call", dying)
    with pytest.raises(Killed):
        run(erasure)
    assert stored(erasure).state == State.RUNNING
    run(erasure)
    assert stored(erasure).attempt == 1, "another worker waits until the first is lost"
    with organization_scope(world.organization):
        Erasure.objects.update(worked_at=timezone.now() - timedelta(minutes=6))
    run(erasure)
    done = stored(erasure)
    assert (done.state, done.attempt) == (State.DONE, 2)
    with organization_scope(world.organization):
        assert not Tenant.objects.filter(pk=world.home.pk).exists()
        assert verify_chain(world.organization).problems == ()


def test_rows_are_counted_once_even_if_the_erasure_was_interrupted(
    world: World, second: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erase_customer, "PAGE", 3)
    with factories.in_tenant(world.home), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM assessments_finding")
        ((findings,),) = cursor.fetchall()
    erasure = confirmed(world, second)
    run(erasure)
    assert stored(erasure).rows["assessments_finding"] == findings > 3


def test_worker_that_was_taken_over_deletes_nothing(world: World, second: Person) -> None:
    erasure = confirmed(world, second)
    stale = erase_customer._claimed(erasure.organization_id, erasure.pk)
    with organization_scope(world.organization):
        Erasure.objects.update(attempt=2)
    work = erase_customer._Work(erasure.organization_id, erasure.pk, stale.attempt, world.home.pk, True)
    with pytest.raises(erase_customer._Stopped):
        erase_customer._erase(work)
    with factories.in_tenant(world.home):
        assert Directory.objects.exists()


def test_file_that_cannot_be_deleted_is_reported_and_tried_again(
    world: World, second: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure = confirmed(world, second)
    # Count the files first, because earlier tests in this process may have left files of this customer.
    stored_files = sum(path.is_file() for folder in folders_of(world.home) for path in folder.rglob("*"))
    # Portfolio reports that name the customer are deleted with it.
    with organization_scope(world.organization):
        stored_files += PortfolioReport.objects.exclude(file="").count()
    original = Path.unlink

    def refusing(self: Path, missing_ok: bool = False) -> None:
        if self.suffix == ".pdf":
            raise PermissionError(13, "Permission denied")
        original(self, missing_ok=missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refusing)
        run(erasure)
    row = stored(erasure)
    assert row.state == State.RUNNING
    assert ".pdf (Permission denied)" in row.problem
    assert "tries again every ten minutes" in row.problem
    run(erasure)
    done = stored(erasure)
    assert (done.state, done.problem) == (State.DONE, "")
    assert done.files == stored_files >= 3
    assert files_with(world, [str(world.home.pk)]) == []
