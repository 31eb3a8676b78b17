"""A report on an earlier assessment cites no evidence that was read after this assessment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assessments.display.names import NO_NAMES
from assessments.models import Assessment, EvidenceItem, Finding
from portal.reports.facts.shared import FindingFact
from portal.reports.facts.verdicts import finding_facts
from tests import factories
from tests.portal.web.world import World

pytestmark = pytest.mark.django_db


def facts(world: World, assessment: Assessment, *, historic: bool) -> dict[str, FindingFact]:
    assert assessment.ended_at
    with factories.in_tenant(world.home):
        rows = finding_facts(
            world.home,
            assessment,
            at=assessment.ended_at,
            historic=historic,
            unit_names={},
            names=NO_NAMES,
            read_at={},
        )
        return {fact.id: fact for control in rows for fact in control}


def test_a_verdict_on_data_read_later_has_no_evidence(world: World) -> None:
    """A later reading can replace the evidence of a finding while its verdict and observed value stay the same. A
    report on an earlier assessment must not cite the new evidence.
    """
    assessment: Assessment = world.of(world.home)["assessment"]
    assert assessment.ended_at
    with factories.in_tenant(world.home):
        stored = dict(EvidenceItem.objects.values_list("sha256", "collected_at"))
        cited = [row for row in Finding.objects.exclude(evidence=[]) if set(row.evidence) <= set(stored)]
        read_again, same = cited[:2]
        EvidenceItem.objects.create(
            tenant=world.home, sha256="e" * 64, source="arm", collection="x", document_id="/x",
            collected_at=assessment.ended_at + timedelta(days=1), content={"tags": {"read": "again"}},
        )  # fmt: skip
        read_again.evidence = [*read_again.evidence, "e" * 64]
        read_again.remarks = ["The machine was stopped when its agent was read"]
        read_again.save(update_fields=["evidence", "remarks"])
    past, present = facts(world, assessment, historic=True), facts(world, assessment, historic=False)
    late = past[str(read_again.pk)]
    assert (late.evidence, late.collected_at, late.remarks) == ((), None, ())
    assert "machine was stopped" not in late.observed_text
    assert (late.outcome, late.observed_sha256) == (read_again.outcome, read_again.observed_sha256)
    assert past[str(same.pk)].evidence == tuple(same.evidence)
    assert past[str(same.pk)].collected_at is not None
    assert present[str(read_again.pk)].evidence == tuple(read_again.evidence)
    assert present[str(read_again.pk)].remarks != ()
