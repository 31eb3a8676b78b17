"""If a network security perimeter opens a resource, the fix names the perimeter and its profile. If rules of the
resource open it too, the fix also changes these rules.
"""

from __future__ import annotations

from typing import Any

from assessments.controls.registry import catalogue
from assessments.fixes.render import render
from tests.assessments.controls.judging import judge
from tests.assessments.controls.sql import cases_firewall
from tests.assessments.controls.sql.server_documents import EVERYONE, ID, server
from tests.assessments.controls.storage import cases_storage
from tests.assessments.fixes.rendered import rendered

SQL = ID
PATH = "Network security perimeters › nsp1 › Profiles › p › Inbound access rules"


def fixed(slug: str, docs: dict[str, Any], subject: str) -> str:
    return rendered(slug, subject, **judge(slug, docs)[subject].verdict.observed).plain


def named(docs: dict[str, Any], collection: str) -> dict[str, Any]:
    """Return the documents, with a name for the perimeter and for its profile."""
    ((owner, (configuration,)),) = docs[collection].items()
    perimeter = {"id": f"{owner}/providers/Microsoft.Network/networkSecurityPerimeters/nsp1"}
    properties = {**configuration["properties"], "networkSecurityPerimeter": perimeter}
    properties["profile"] = {**properties["profile"], "name": "p"}
    return {**docs, collection: {owner: [{**configuration, "properties": properties}]}}


def test_the_perimeter_and_profile_of_the_finding_are_named() -> None:
    docs = cases_firewall.within(cases_firewall.EVERYBODY, body=server(), own=[EVERYONE], mode="Learning")
    for slug in ("sql-firewall-internet", "sql-firewall-wide"):
        found = fixed(slug, named(docs, "sql_perimeters"), SQL)
        assert PATH in found
        assert "firewall-rule" in found
    tag = cases_firewall.access_rule("tag", serviceTags=["AzureCloud"])
    found = fixed("sql-firewall-azure-services", named(cases_firewall.within(tag), "sql_perimeters"), SQL)
    assert PATH in found
    assert "firewall-rule delete" not in found
    whole = render(catalogue()["sql-firewall-internet"].fix).plain
    assert "Network security perimeters › the perimeter › Profiles › the profile ›" in whole


def test_the_commands_for_the_account_are_shown_if_its_own_rules_also_let_everybody_in() -> None:
    within, account = cases_storage._within, cases_storage.ID
    both = fixed(
        "storage-public-file",
        named(within("0.0.0.0/0", access="Enabled", mode="Learning"), "storage_perimeters"),
        account,
    )
    assert PATH in both
    assert "--default-action Deny" in both
    only = fixed("storage-public-file", named(within("0.0.0.0/0"), "storage_perimeters"), account)
    assert PATH in only
    assert "--default-action Deny" not in only
