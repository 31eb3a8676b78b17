"""Examples in the contract, for the body and the answers of each operation.

`BODIES` are written by hand. The answers in answer_examples.json are real: tests/portal/api/recorded_answers.py records
the answers of the operations in tests, and says how to record them again. Tests compare all examples with the schemas.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

ANSWERS: Final = Path(__file__).with_name("answer_examples.json")
"""The file of the recorded answers, which contains `{operation: {status: answer}}`."""

_EXCEPTION_END: Final = "2027-01-31T00:00:00Z"
_TICKET_SYSTEM: Final = "0199c1f2-7b4e-7d3a-9c55-3f0e8b1a2d47"

BODIES: Final[dict[str, dict[str, Any]]] = {
    "register_customer": {
        "name": "Contoso",
        "directory_id": "72f988bf-86f1-41af-91ab-2d7cd011db47",
        "time_zone": "Europe/Berlin",
    },
    "delete_scan_import": {"reason": "The file belongs to another customer"},
    "import_mute_list": {
        "content": 'Mutelist:\n  Accounts:\n    "*":\n      Checks:\n        storage_*:\n          Regions: ["*"]\n'
        '          Resources: ["logs"]\n          Description: Logs are deleted after a day\n',
        "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "entries": [1],
        "reason": "Accepted in Prowler until now",
        "ends_at": _EXCEPTION_END,
    },
    "change_customer": {"labels": ["Gold", "Healthcare"]},
    "answer_attestation": {
        "met": True,
        "statement": "The emergency accounts were tested on 20 November.",
        "valid_until": "2027-05-31T00:00:00Z",
    },
    "add_channel": {
        "kind": "webhook",
        "name": "Security team",
        "address": "https://hooks.contoso.example/surety",
        "events": ["assessment_ended", "exception_returned"],
    },
    "change_channel": {"name": "Security team", "events": ["exception_returned"]},
    "rotate_channel_secret": {"overlap_hours": 24},
    "request_exception": {
        "findings": ["0199c1f2-7b4e-7d3a-9c55-3f0e8b1a2d48"],
        "reason": "Replaced in January",
        "compensating_control": "The account can be reached only from the management network.",
        "ends_at": _EXCEPTION_END,
    },
    "approve_exception": {"note": "Until the replacement in January.", "ends_at": _EXCEPTION_END},
    "refuse_exception": {"note": "Close the port instead: nothing needs it."},
    "revoke_exception": {"note": "The account was replaced earlier than planned."},
    "acknowledge_finding": {"plan": "Close the port", "planned_for": "2026-12-15"},
    "assign_finding": {"email": "owner@contoso.example"},
    "add_comment": {
        "finding": "0199c1f2-7b4e-7d3a-9c55-3f0e8b1a2d48",
        "body": "The port is needed until the migration in January.",
    },
    "change_comment": {"body": "The port is needed until 15 January."},
    "add_exception_comment": {"exception": 12, "body": "Which machines does this cover?"},
    "review_change": {"decision": "expected", "reason": "Part of the migration", "ticket": "CHG-1042"},
    "approve_configuration": {"reason": "Configured as agreed with the customer"},
    "invite_member": {
        "email": "auditor@audit.example",
        "role": "auditor",
        "access_until": "2027-03-31T22:00:00Z",
        "review_first": "2026-01-01",
        "review_last": "2026-12-31",
    },
    "change_review_period": {"review_first": "2026-01-01", "review_last": "2026-12-31"},
    "change_member_role": {"role": "owner", "valid_until": "2027-03-31T22:00:00Z"},
    "change_policy": {
        "due_days": {"critical": 7, "high": 30, "medium": 60, "low": 90, "info": 180},
        "exception_cap_days": 180,
    },
    "set_control_parameters": {"values": {"grace_days": 14}},
    "set_profile": {"profile": "cis-6.0.0-level-1"},
    "write_own_control": {
        "text": "control: own-msp-owner-tag\ntitle: Storage accounts name their owner\n"
        "problem: Storage account without an owner\nseverity: low\nwhy: Nobody decides about the data.\n"
        "subjects: storage_accounts\npass_when: {tag: owner, exists: true}\nfix: Set the tag.\ncases:\n"
        "  - {document: {tags: {owner: Data}}, verdict: pass}\n  - {document: {tags: {}}, verdict: fail}\n",
    },
    "publish_own_control": {"version": 1},
    "switch_own_control": {"state": "off", "reason": "The tag is replaced in March."},
    "preview_severity_rules": {"rules": [{"when": "internet", "step": 1}]},
    "set_severity_rules": {
        "rules": [
            {"when": "internet", "step": 1},
            {"when": "tag", "step": -1, "tag": "stage", "values": ["test", "development"]},
        ]
    },
    "switch_control": {"off": True, "reason": "Another product does this for the customer."},
    "build_report": {"kind": "executive", "language": "de"},
    "set_schedule": {"schedule": "Mon-Fri 02:00 within 120"},
    "add_service_principal": {
        "client_id": "0f8b6c1e-2a4d-4c3b-9e5f-7a1d2c3b4e5f",
        "secret": "the-client-secret",
        "expires_at": "2027-11-01T00:00:00Z",
    },
    "replace_credential": {"secret": "the-new-client-secret", "expires_at": "2028-11-01T00:00:00Z"},
    "exclude_subscription": {"reason": "Sandbox without data of customers", "until": "2027-03-31T22:00:00Z"},
    "add_ticket_rule": {
        "name": "Critical findings",
        "system": _TICKET_SYSTEM,
        "severities": ["critical"],
        "per": "control",
        "customers": None,
    },
    "change_ticket_rule": {"severities": ["critical", "high"], "customers": ["contoso"]},
    "add_ticket_system": {
        "kind": "github",
        "name": "Issues",
        "address": "https://api.github.com",
        "project": "acme/security",
        "credentials": {"token": "github_pat_…"},
    },
    "change_ticket_system": {"project": "acme/compliance"},
    "set_ticket_customer": {"project": "acme/contoso"},
    "add_owner_rule": {
        "name": "Storage",
        "owner": "owner@contoso.example",
        "section": "storage",
        "resource_group": "rg-data*",
    },
    "change_owner_rule": {"severity": "high", "is_enabled": True},
    "move_owner_rule": {"position": 1},
    "preview_owner_rule": {"section": "storage"},
    "add_exclusion_rule": {
        "name": "Sandboxes",
        "reason": "Only for experiments, without data of customers",
        "tag": "environment=sandbox",
    },
    "change_exclusion_rule": {"until": _EXCEPTION_END},
    "preview_exclusion_rule": {"management_group": "mg-sandbox"},
    "plan_change": {
        "name": "Move of the site",
        "ticket": "CHG-1042",
        "starts_at": "2027-01-30T20:00:00Z",
        "ends_at": _EXCEPTION_END,
        "groups": ["rg-site*"],
    },
    "add_watch_rule": {
        "name": "Networks at night",
        "severity": "high",
        "types": ["microsoft.network/*"],
        "hours": "18:00-07:00",
    },
    "change_watch_rule": {"except_actors": ["deployment@contoso.example"]},
    "preview_watch_rule": {"types": ["microsoft.network/*"], "kinds": ["deleted"]},
    "set_shipped_watch_rule": {"severity": "critical", "is_enabled": True},
    "set_watch": {"watch": "on"},
    "add_report_schedule": {
        "name": "Monthly report to management",
        "timetable": "monthly 1 06:00 within 240",
        "kind": "executive",
        "people": ["auditor@contoso.example"],
        "addresses": ["management@contoso.example"],
    },
    "change_report_schedule": {"timetable": "weekly Mon 06:00"},
    "make_report_link": {"report": 7, "recipient": "Contoso, internal audit", "days": 7},
    "revoke_report": {"reason": "The scope was incomplete. Use the report of March."},
    "revoke_deleted_report": {
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "reason": "The scope was incomplete.",
    },
    "add_organization_report_schedule": {
        "name": "Weekly portfolio report",
        "timetable": "weekly Mon 06:00",
        "kind": "portfolio",
        "people": ["director@msp.example"],
        "label": "gold",
    },
    "change_organization_report_schedule": {"label": ""},
    "build_portfolio_report": {"label": "gold", "language": "de"},
    "revoke_portfolio_report": {"reason": "A customer was missing."},
    "add_baseline": {
        "name": "Gold",
        "label": "gold",
        "due_days": {"critical": 7, "high": 30},
        "exception_cap_days": 90,
        "schedule": "Mon-Fri 02:00 within 120",
    },
    "change_baseline": {"exception_cap_days": None},
    "set_baseline_parameters": {
        "control": "defender-no-open-recommendations",
        "values": {"grace_days": 14},
    },
    "set_baseline_profile": {"profile": "mcsb-1"},
    "set_baseline_owner_rule": {
        "name": "Storage",
        "owner": "director@msp.example",
        "section": "storage",
    },
    "remove_baseline_owner_rule": {"name": "Storage"},
    "set_baseline_watch_rule": {"name": "Nights", "severity": "high", "hours": "18:00-07:00"},
    "remove_baseline_watch_rule": {"name": "Nights"},
    "set_baseline_shipped_rule": {"rule": "worsened", "severity": "critical", "is_enabled": True},
    "set_baseline_channel": {
        "name": "Security team",
        "kind": "webhook",
        "address": "https://hooks.msp.example/surety",
        "events": ["assessment_ended"],
    },
    "remove_baseline_channel": {"name": "Security team"},
    "apply_baseline": {"settings": [{"customer": "contoso", "setting": "exception_cap_days"}]},
    "start_campaign": {
        "control": "storage-secure-transfer",
        "owner": "director@msp.example",
        "due_on": "2027-03-31",
        "note": "Close this before the audit in April.",
        "customers": ["contoso"],
    },
    "change_campaign": {"due_on": "2027-04-15"},
    "add_managing_principal": {
        "directory_id": "72f988bf-86f1-41af-91ab-2d7cd011db47",
        "client_id": "0f8b6c1e-2a4d-4c3b-9e5f-7a1d2c3b4e5f",
        "secret": "the-client-secret",
        "expires_at": "2027-11-01T00:00:00Z",
    },
    "replace_managing_credential": {
        "secret": "the-new-client-secret",
        "expires_at": "2028-11-01T00:00:00Z",
    },
    "assign_delegation": {"customer": "contoso"},
    "exclude_delegation": {"reason": "A subscription of our own tests"},
    "assign_foreign_subscription": {"customer": "fabrikam"},
    "exclude_foreign_subscription": {"reason": "A partner of the customer owns it"},
    "set_default_schedule": {"schedule": "Mon-Fri 02:00 within 120", "is_watched": True},
    "set_report_settings": {"paper": "a4", "link_days": 14},
    "make_portfolio_report_link": {"report": 3, "recipient": "Contoso Holding", "days": 7},
}
"""The examples of request bodies: {operation: example}. The examples of bulk jobs are in `portal.api.v1.bulk_jobs`."""


@cache
def answers() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return found


def add_examples(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add the examples to the contract."""
    for operations in result["paths"].values():
        for operation in operations.values():
            name = operation.get("operationId", "")
            if (example := BODIES.get(name)) is not None:
                content = operation["requestBody"]["content"]["application/json"]
                content["examples"] = {"Example": {"value": example}}
            for status, answer in answers().get(name, {}).items():
                content = operation["responses"][status]["content"]["application/json"]
                content["examples"] = {"Example": {"value": answer}}
    return result
