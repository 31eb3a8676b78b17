"""The exceptions register: every exception with its decisions, and the failures that it covers."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from portal.reports.parts import exceptions, exceptions_overview, results
from portal.treatment.models import FindingException
from tests import factories
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.web.world import World

pytestmark = pytest.mark.slow


def test_the_register_has_every_exception_of_the_customer(world: World, tmp_path: Path) -> None:
    with factories.in_tenant(world.home):
        found = rendered(world.home, kind="exceptions")
        stored = {row.number: row for row in FindingException.objects.filter(tenant=world.home)}
    assert stored
    rows = list(csv.DictReader(io.StringIO(found.files["exceptions.csv"].decode("utf-8-sig"))))
    assert {int(row["number"]) for row in rows} == set(stored)
    text = found.text(tmp_path)
    for row in rows:
        exception = stored[int(row["number"])]
        assert (row["state"], row["reason"]) == (exception.get_state_display(), exception.reason)
        assert exception.reason in text
    context = exceptions_overview.PART.context(found.facts)
    assert context["in_force"] == 0, "the sample has a requested exception only"
    assert "No exception is in force, so none of the" in text
    assert not re.search(r"(?<!\w)0 exceptions\b(?!\.)", text)
    assert not any("in force end within" in sentence for sentence in context["observations"])
    assert context["in_force"] + context["waiting"] + context["ended"] == len(stored)
    covered = [fact for fact in found.facts.of(results.PART).findings if fact.exception is not None]
    assert context["covered_total"] == len(covered)
    assert sum(row.covers for row in found.facts.of(exceptions.PART).exceptions) == len(covered)
    assert all(fact.subject_name in text for fact in covered)
