"""What the pages of attestations say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from assessments.controls.registry import catalogue
from assessments.models import Finding
from portal.treatment.models import Attestation
from portal.treatment.selectors.attestations import Standing, answers_of
from portal.web.components.values import side_by_side
from portal.web.shared.visible import may, person
from tenants.models import Tenant
from tenants.roles import Capability


def row(tenant: Tenant, finding: Any, names: dict[str, str]) -> dict[str, Any]:
    """A manual finding with its `standing` as a line of the list."""
    control = catalogue().get(finding.control)
    treatment = getattr(finding, "treatment", None)
    answer = treatment.attestation if treatment else None
    return {
        "url": reverse("attest", args=[tenant.slug, finding.pk]),
        "title": control.title if control else finding.control,
        "subject": names.get(finding.subject.lower(), finding.subject_name),
        "place": names.get(finding.unit, finding.unit),
        "severity": finding.severity,
        "standing": finding.standing,
        "answer": answer,
        "owner": treatment.owner if treatment else None,
        "remarks": len(finding.remarks),
    }


def facts(tenant: Tenant, finding: Any, names: dict[str, str], now: datetime) -> dict[str, Any]:
    """The context of the page on which one is answered."""
    control = catalogue().get(finding.control)
    treatment = getattr(finding, "treatment", None)
    counts = treatment.attestation if treatment else None
    may_attest = may(Capability.ATTEST, tenant)
    return {
        "finding": finding,
        "control": control,
        "title": control.title if control else finding.control,
        "subject": names.get(finding.subject.lower(), finding.subject_name),
        "owner": treatment.owner if treatment else None,
        "standing": finding.standing,
        "observed": [(pair.key, pair.now) for pair in side_by_side({}, finding.observed)],
        "changed": counts is not None and counts.observed_sha256 != finding.observed_sha256,
        "replaces": counts is not None
        and counts.valid_until > now
        and counts.observed_sha256 == finding.observed_sha256,
        "answers": [_answer(answer, counts, finding, now, may_attest) for answer in answers_of(finding)],
        "may_attest": may_attest,
        "me": person(),
    }


def _answer(
    answer: Attestation, counts: Attestation | None, finding: Any, now: datetime, may_attest: bool
) -> dict[str, Any]:
    current = counts is not None and counts.pk == answer.pk
    if answer.withdrawn_at is not None:
        word, role, icon = "Withdrawn", "unknown", "left"
    elif not current:
        word, role, icon = "Replaced", "unknown", "not-applicable"
    elif answer.valid_until <= now:
        word, role, icon = "Expired", "fail", "lapsed"
    elif finding.standing == Standing.REOPENED:
        word, role, icon = "About something else", "warn", "warning"
    else:
        word, role, icon = "Counts now", "manual", "tick"
    return {
        "it": answer,
        "word": word,
        "role": role,
        "icon": icon,
        "files": list(answer.files.all()),
        "may_withdraw": may_attest and current and answer.valid_until > now,
    }


def is_answerable(finding: Finding) -> bool:
    return finding.outcome == Finding.Outcome.MANUAL and finding.gone_at is None
