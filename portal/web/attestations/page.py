"""Context of the pages of attestations."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from assessments.controls.declare import Control
from assessments.controls.registry import known_controls
from assessments.display.names import Names
from assessments.display.observed import describe
from assessments.display.sentences import sentence
from assessments.display.subjects import subject_text
from assessments.models import ControlSetting, Finding
from assessments.presentation.finding_names import names_for_findings
from portal.treatment.models import Attestation
from portal.treatment.selectors.attestations import Standing, answers_of
from portal.web.components.values import value_rows
from portal.web.shared.forms.parameter import judged_text
from portal.web.shared.visible import may, person
from tenants.models import Tenant
from tenants.roles import Capability


def row(tenant: Tenant, finding: Any, places: dict[str, str], names: Names) -> dict[str, Any]:
    """Return one row of the list of manual controls, for a finding annotated with `standing`."""
    control = known_controls().get(finding.control)
    treatment = getattr(finding, "treatment", None)
    answer = treatment.attestation if treatment else None
    return {
        "pk": finding.pk,
        "url": reverse("attest", args=[tenant.slug, finding.pk]),
        "title": control.title if control else finding.control,
        "subject": subject_text(finding.subject, finding.subject_name, names),
        "place": places.get(finding.unit, finding.unit),
        "severity": finding.severity,
        "standing": finding.standing,
        "answer": answer,
        "owner": treatment.owner if treatment else None,
        "remarks": len(finding.remarks),
    }


def context(tenant: Tenant, finding: Any, places: dict[str, str], now: datetime) -> dict[str, Any]:
    """Return the context of the page on which one manual control is answered."""
    control = known_controls().get(finding.control)
    treatment = getattr(finding, "treatment", None)
    current = treatment.attestation if treatment else None
    may_attest = may(Capability.ATTEST, tenant)
    names = names_for_findings(tenant, [finding], places)
    return {
        "finding": finding,
        "control": control,
        "judged": _judged(tenant, control) if control else "",
        "title": control.title if control else finding.control,
        "subject": subject_text(finding.subject, finding.subject_name, names),
        "reason": sentence(finding.reason, names).capitalized(),
        "expected": sentence(finding.expected, names).capitalized(),
        "remarks": [sentence(str(remark), names).capitalized() for remark in finding.remarks],
        "owner": treatment.owner if treatment else None,
        "standing": finding.standing,
        "observed": value_rows(describe(finding.observed, names, ZoneInfo(tenant.timezone), finding.remarks)),
        "changed": current is not None and current.observed_sha256 != finding.observed_sha256,
        "replaces": current is not None
        and current.valid_until > now
        and current.observed_sha256 == finding.observed_sha256,
        "answers": [_answer(answer, current, finding, now, may_attest) for answer in answers_of(finding)],
        "may_attest": may_attest,
        "me": person(),
    }


def _answer(
    answer: Attestation, current: Attestation | None, finding: Any, now: datetime, may_attest: bool
) -> dict[str, Any]:
    is_current = current is not None and current.pk == answer.pk
    if answer.withdrawn_at is not None:
        label, role, icon = "Withdrawn", "unknown", "left"
    elif not is_current:
        label, role, icon = "Replaced", "unknown", "not-applicable"
    elif answer.valid_until <= now:
        label, role, icon = "Expired", "fail", "lapsed"
    elif finding.standing == Standing.REOPENED:
        label, role, icon = "Based on an earlier value", "warn", "warning"
    else:
        label, role, icon = "Current", "manual", "tick"
    return {
        "attestation": answer,
        "label": label,
        "role": role,
        "icon": icon,
        "files": list(answer.files.all()),
        "may_withdraw": may_attest and is_current and answer.valid_until > now,
    }


def _judged(tenant: Tenant, control: Control) -> str:
    """Return the control's description of what it judges, with the tenant's values of its parameters."""
    if not control.parameters:
        return control.judged
    setting = ControlSetting.objects.filter(tenant=tenant, control=control.slug).first()
    return judged_text(control, control.values(setting.values if setting else {}))


def is_answerable(finding: Finding) -> bool:
    """Return whether people can answer the finding: it is manual, and its subject is not gone."""
    return finding.outcome == Finding.Outcome.MANUAL and finding.gone_at is None
