"""Export findings as events of the Open Cybersecurity Schema Framework (OCSF), which SIEMs read.

Each event has the class Compliance Finding (2003) of OCSF 1.5.0, with the profile `cloud`. Source:
https://schema.ocsf.io/1.5.0/classes/compliance_finding and https://github.com/ocsf/ocsf-schema.

- Unknown and manual verdicts have the compliance status Warning, which OCSF uses for checks without a result because of
  missing information. Not applicable verdicts have the status Other.
- The lifecycle status follows the treatment: New, In Progress (acknowledged), Suppressed (excepted), Resolved (passing,
  not applicable, or attested as met), Archived (gone).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from assessments.controls.registry import known_controls
from assessments.version import VERSION
from portal import links
from portal.queries.findings.export import Exported
from portal.treatment.states import ShownState
from tenants.models import Directory, Subscription, Tenant

OCSF_VERSION: Final = "1.5.0"
_CLASS: Final = 2003
_CREATE, _UPDATE, _CLOSE = 1, 2, 3
_ACTIVITIES: Final = {_CREATE: "Create", _UPDATE: "Update", _CLOSE: "Close"}
_SEVERITIES: Final = {"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}
_COMPLIANCE: Final = {
    "pass": (1, "Pass"),
    "fail": (3, "Fail"),
    "unknown": (2, "Warning"),
    "manual": (2, "Warning"),
    "not_applicable": (99, "Not applicable"),
}
_LIFECYCLE: Final[Mapping[str, tuple[int, str]]] = {
    ShownState.ACKNOWLEDGED: (2, "In Progress"),
    ShownState.EXCEPTED: (3, "Suppressed"),
    ShownState.RESOLVED: (4, "Resolved"),
    ShownState.PASSING: (4, "Resolved"),
    ShownState.NOT_APPLICABLE: (4, "Resolved"),
    ShownState.ATTESTED: (4, "Resolved"),
    ShownState.GONE: (5, "Archived"),
}
_NEW: Final = (1, "New")


def ocsf_events(
    rows: Iterable[Exported], tenant: Tenant, places: Mapping[str, tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    """Yield one event per finding. `places` is the result of `places_of_units`."""
    for row in rows:
        yield _without_empty(_event(row, tenant, places.get(row.finding.unit, ("", ""))))


def places_of_units(tenant: Tenant) -> dict[str, tuple[str, str]]:
    """Return {scope id of a subscription or directory: (directory id, name of the cloud)} of the tenant."""
    rows = Directory.objects.filter(tenant=tenant).values_list("pk", "directory_id", "cloud_name")
    places: dict[Any, tuple[str, str]] = {pk: (guid, cloud) for pk, guid, cloud in rows}
    subscriptions = Subscription.objects.filter(tenant=tenant).values_list("subscription_id", "directory")
    return {f"directory:{guid}": (guid, cloud) for guid, cloud in places.values()} | {
        f"/subscriptions/{guid}": places[directory] for guid, directory in subscriptions
    }


def _event(row: Exported, tenant: Tenant, place: tuple[str, str]) -> dict[str, Any]:
    found, fields = row.finding, row.fields
    activity = _CLOSE if found.gone_at else _CREATE if found.changed_at == found.first_seen_at else _UPDATE
    status_id, status = _LIFECYCLE.get(found.shown, _NEW)
    return {
        "activity_id": activity,
        "activity_name": _ACTIVITIES[activity],
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": _CLASS,
        "class_name": "Compliance Finding",
        "type_uid": _CLASS * 100 + activity,
        "type_name": f"Compliance Finding: {_ACTIVITIES[activity]}",
        "time": _milliseconds(found.first_seen_at),
        "severity_id": _SEVERITIES.get(found.severity, 0),
        "severity": found.severity.capitalize(),
        "status_id": status_id,
        "status": status,
        "status_code": found.outcome,
        "status_detail": fields["found"],
        "message": f"{fields['subject_name']}: {fields['found']}",
        "metadata": {
            "version": OCSF_VERSION,
            "profiles": ["cloud"],
            "product": {"name": "Surety", "vendor_name": "Surety", "version": VERSION},
            "tenant_uid": str(tenant.pk),
            "event_code": found.control,
        },
        "cloud": _cloud(row, place),
        "finding_info": _information(row, tenant),
        "compliance": _compliance(row),
        "resources": [_resource(row, place)],
        "remediation": {"desc": fields["fix"]} if fields["fix"] else None,
        "evidences": [{"name": "Evidence (SHA-256)", "data": {"sha256": found.evidence}}]
        if found.evidence
        else None,
        "unmapped": {
            **{
                key: _text(fields[key])
                for key in ("state", "due", "exception", "failing_since", "known_with")
            },
            "remarks": row.remarks,
        },
    }


def _information(row: Exported, tenant: Tenant) -> dict[str, Any]:
    found, control = row.finding, known_controls().get(row.finding.control)
    fails = found.outcome == "fail"
    return {
        "uid": str(found.pk),
        "title": (control.problem if fails else control.title) if control else found.control,
        "desc": control.why if control else None,
        "types": ["Compliance"],
        "created_time": _milliseconds(found.first_seen_at),
        "first_seen_time": _milliseconds(found.first_seen_at),
        "modified_time": _milliseconds(found.changed_at),
        "src_url": links.absolute(links.finding(tenant.slug, found.pk)),
    }


def _compliance(row: Exported) -> dict[str, Any]:
    found, fields = row.finding, row.fields
    status_id, status = _COMPLIANCE[found.outcome]
    standards = sorted({one.name for one in row.references})
    return {
        "control": fields["title"],
        "desc": fields["expected"],
        "standards": standards,
        "requirements": [f"{one.name} {one.number}" for one in row.references],
        "status_id": status_id,
        "status": status,
        "checks": [{
            "uid": found.control,
            "name": fields["title"],
            "standards": standards,
            "status_id": status_id,
            "status": status,
            "severity_id": _SEVERITIES.get(found.severity, 0),
        }],
    }  # fmt: skip


def _cloud(row: Exported, place: tuple[str, str]) -> dict[str, Any]:
    directory, _ = place
    subscription = row.finding.unit.removeprefix("/subscriptions/")
    is_subscription = subscription != row.finding.unit
    account = {
        "uid": subscription if is_subscription else directory,
        "name": row.fields["unit_name"],
        # Types of accounts in OCSF 1.5.0: 13 is a subscription, 6 a directory of Microsoft Entra ID.
        "type_id": 13 if is_subscription else 6,
        "type": "Azure Subscription" if is_subscription else "Azure AD Account",
    }
    return {"provider": "Azure", "account": account, "org": {"uid": directory}}


def _resource(row: Exported, place: tuple[str, str]) -> dict[str, Any]:
    found, fields = row.finding, row.fields
    return {
        "uid": found.subject,
        "name": fields["subject_name"],
        "type": found.subject_type,
        "cloud_partition": place[1],
        "group": {"name": found.resource_group} if found.resource_group else None,
        "owner": _owner(fields) if fields["owner_email"] else None,
        "data": {"observed": fields["observed"]} if fields["observed"] else None,
    }


def _owner(fields: Mapping[str, Any]) -> dict[str, Any]:
    email, name = fields["owner_email"], fields["owner"] or fields["owner_email"]
    account = {"uid": email, "name": name, "type_id": 99, "type": "Surety"}
    return {"uid": email, "name": name, "email_addr": email, "type_id": 1, "type": "User", "account": account}


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _text(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _without_empty(value: Any) -> Any:
    """Return the value without its empty fields, because OCSF has no nulls."""
    if isinstance(value, dict):
        found = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in found.items() if item not in (None, "", {}, [])}
    return [_without_empty(item) for item in value] if isinstance(value, list) else value
