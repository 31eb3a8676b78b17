"""Tests of SQL controls in addition to their cases: evidence, personal data, several servers, and requests."""

from __future__ import annotations

import json

from assessments.estate.collections.sql import SQL_ATP_SETTINGS
from assessments.estate.estate import UnitKind
from assessments.estate.gaps import Reason
from tests.assessments.controls.judging import estate_of, gap, judge, outcomes
from tests.assessments.controls.sql.cases_threat import contact, threat
from tests.assessments.controls.sql.server_documents import EVERYONE, ID, docs, server, v4, v6

OTHER = ID.replace("Sql1", "sql2")


def test_rules_of_one_server_do_not_affect_another() -> None:
    given = {
        "sql_servers": [server(), server() | {"id": OTHER, "name": "sql2"}],
        "sql_firewall_rules": [EVERYONE],
    }
    assert outcomes(judge("sql-firewall-internet", given)) == {ID: "fail", OTHER: "pass"}


def test_the_evidence_is_the_server_and_its_rules() -> None:
    result = judge("sql-firewall-internet", docs(EVERYONE))[ID]
    held = {item.document_id: item.content for item in result.evidence}
    assert set(held) == {ID, EVERYONE["id"]}
    assert held[EVERYONE["id"]]["properties"] == EVERYONE["properties"]


def test_no_email_address_is_stored() -> None:
    own = threat(emailAddresses=["jane.doe@example.com"])
    through = threat(contacts=[contact(emails="jane.doe@example.com")])
    for given in (own, through):
        result = judge("sql-threat-alerts-contact", given)[ID]
        stored = json.dumps([dict(result.observed), [dict(item.content) for item in result.evidence]])
        assert "jane.doe" not in stored + result.verdict.reason
        # Only the part before the @ is masked, so that the stored document, judged again, still has a valid address.
        assert "@example.com" in stored


def test_wide_rules_of_both_versions_with_one_name_are_both_listed() -> None:
    wide6 = v6("a", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")
    result = judge("sql-firewall-wide", docs(v4("a", "1.0.0.0", "1.0.3.255"), wide6))[ID]
    assert result.observed["wideRules"] == [
        {"rule": "a", "ipVersion": 4, "addresses": "1024"},
        {"rule": "a", "ipVersion": 6, "addresses": str(2**96)},
    ]


def test_the_newer_resource_is_requested_only_if_the_older_is_unavailable() -> None:
    assert SQL_ATP_SETTINGS.targets is not None
    for status, asked in ((404, [ID]), (405, [ID]), (403, []), (429, [])):
        estate = estate_of(
            UnitKind.SUBSCRIPTION, docs(), [gap("sql_alert_policies", ID, Reason.SERVER_ERROR, status)]
        )
        assert [scope.casefold() for scope in SQL_ATP_SETTINGS.targets(estate)] == [
            s.casefold() for s in asked
        ]
