"""Reports after the pseudonymisation of a person who appears in them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.actions.acknowledge import acknowledge
from portal.treatment.actions.attestations.attest import attest
from portal.treatment.actions.exceptions import approve, request_exception
from portal.treatment.actions.owners.assign import assign
from portal.treatment.models import FindingException
from tests import factories
from tests.portal.offboarding.pseudonymisation_steps import (
    ADDRESSES,
    NAME,
    confirmed,
    end_access,
    leaver,
    run_confirmed,
)
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.web.world import World

KINDS = ("full", "executive", "period", "exceptions", "changes")


@pytest.fixture
def committed(committed_world: World) -> World:
    return committed_world


def add_treatments_of_leaver(world: World) -> None:
    """Let the leaver request an exception, own and acknowledge a finding, and answer a manual control."""
    who, home = leaver(world), world.home
    failing = Finding.objects.filter(
        tenant=home, outcome="fail", gone_at=None, treatment__excepted_until=None
    )
    first, second = failing.order_by("pk")[:2]
    exception = request_exception(
        tenant=home,
        by=who,
        scope=FindingException.Scope.FINDING,
        reason="The partner needs it.",
        findings=Finding.objects.filter(pk=first.pk),
        ends_at=timezone.now() + timedelta(days=30),
    )
    approve(exception=exception, by=world.people["approver"], note="Seen.")
    assign(tenant=home, findings=Finding.objects.filter(pk=second.pk), owner=who, by=who)
    acknowledge(tenant=home, findings=Finding.objects.filter(pk=second.pk), by=who, plan="Next week.")
    manual = Finding.objects.filter(tenant=home, outcome="manual", gone_at=None).order_by("pk")[0]
    attest(
        finding=manual,
        by=who,
        met=True,
        statement="Looked at it.",
        valid_until=timezone.now() + timedelta(days=90),
    )


@pytest.mark.slow(seconds=20)
def test_reports_name_the_pseudonym_and_keep_their_numbers(committed: World) -> None:
    world, who = committed, leaver(committed)
    with factories.in_tenant(world.home):
        add_treatments_of_leaver(world)
        before = {kind: rendered(world.home, kind=kind) for kind in KINDS}
    assert all(NAME.encode() in before[kind].files["results.json"] for kind in KINDS)
    end_access(world, who)
    erasure = run_confirmed(confirmed(world, who))
    assert erasure.pseudonym.startswith("Former person "), erasure.problem
    with factories.in_tenant(world.home):
        after = {kind: rendered(world.home, kind=kind) for kind in KINDS}
    for kind in KINDS:
        for name, content in after[kind].files.items():
            text = content.decode()
            for needle in (NAME, *ADDRESSES):
                assert needle.casefold() not in text.casefold(), (kind, name, needle)
        old, new = before[kind].results, after[kind].results
        assert erasure.pseudonym in str(new), kind
        for key in ("counts", "states", "score", "adjusted"):
            assert old[key] == new[key], (kind, key)
