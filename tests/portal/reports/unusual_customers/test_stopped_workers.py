"""Reports on an assessment whose workers stopped: no sentence claims that unread data was read."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.actions.units.run import _nothing_read
from assessments.estate.estate import Estate
from assessments.estate.gaps import Reason
from assessments.models import Finding
from tenants.models import Organization, Person
from tests import factories
from tests.portal.reports.unusual_customers import assessed
from tests.portal.reports.unusual_customers.assessed import Read, assess, customer, facts_of, words_of
from tests.portal.reports.unusual_customers.histories import SMALL, held_to, printed

TEXT = (
    "The workers that ran this unit stopped unexpectedly 5 times. Check their logs and memory limits, then retry the"
    " assessment."
)


def stopped(estate: Estate, controls: Any, _code: str, _text: str) -> Any:
    return _nothing_read(estate, controls, "worker_died", TEXT, Reason.NOT_COLLECTED)


@pytest.mark.slow(seconds=5)
def test_reports_say_what_was_not_read(
    provider: Organization, engineer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = held_to(customer(provider, engineer, subscriptions=2), *SMALL)
    first, second = one.subscriptions
    assess(one, [Read(one.directory, [True]), Read(first, [False, True]), Read(second, [False])])
    monkeypatch.setattr(assessed, "_nothing_read", stopped)
    assess(one, [Read(one.directory, [True]), Read(first, [False], gap=True), Read(second, None)])
    with factories.in_tenant(one.tenant):
        rows = Finding.objects.filter(tenant=one.tenant, gone_at=None)
        unknown = rows.filter(outcome="unknown").count()
        facts = facts_of(one.tenant, kind="period")
        period, executive = words_of(facts), printed(facts, "executive")
        german = words_of(facts_of(one.tenant, kind="full", language="de"))
        kept = sum(row.reason.startswith("Could not be checked again: ") for row in rows)
    assert f"worker_died: {TEXT}" in period
    assert "Partial: 2 of 3 units read; 1 unit was read only in part" in period
    assert f"{unknown} verdicts are unknown." in executive
    assert "2 of 3 subscriptions and directories could not be read completely." in executive
    assert "worker_died: Die Worker, die diese Einheit prüften, endeten fünfmal unerwartet." in german
    assert german.count("Konnte nicht erneut geprüft werden: In dieser Prüfung nicht gesammelt") >= kept > 0
    assert "Could not be checked again" not in german
