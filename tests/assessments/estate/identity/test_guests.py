"""The home domain of guests, and masking that preserves it."""

from __future__ import annotations

from assessments.estate.identity.guests import home_domain, named_by_tenant, signs_in_elsewhere
from assessments.estate.redact import redact
from tests.for_each import for_each


@for_each(
    ("name", "elsewhere", "domain"),
    [
        ("grit_partner.example#EXT#@contoso.onmicrosoft.com", True, "partner.example"),
        ("grit_von_B_Partner.Example#ext#@contoso.onmicrosoft.com", True, "partner.example"),
        ("grit@contoso.example", False, ""),
        ("grit_partner.example@contoso.example", False, ""),
        ("grit#EXT#@contoso.onmicrosoft.com", True, ""),
        ("grit_nowhere#EXT#@contoso.onmicrosoft.com", True, ""),
        ("grit_o'hara.example#EXT#@contoso.onmicrosoft.com", True, ""),
        ("", False, ""),
    ],
)
def test_the_home_domain_is_read_from_the_user_principal_name(
    name: str, elsewhere: bool, domain: str
) -> None:
    assert signs_in_elsewhere(name) is elsewhere
    assert home_domain(name) == domain
    masked = redact({"userPrincipalName": name}, person=True)["userPrincipalName"]
    assert (signs_in_elsewhere(masked), home_domain(masked)) == (elsewhere, domain)
    assert redact({"userPrincipalName": masked}, person=True)["userPrincipalName"] == masked
    assert "grit" not in masked


def test_directory_objects_without_an_id_get_the_tenant_id() -> None:
    assert named_by_tenant({"tenantId": "t", "x": 1}) == {"id": "t", "tenantId": "t", "x": 1}
    assert named_by_tenant({"id": "own", "tenantId": "t"})["id"] == "own"
    assert named_by_tenant({"x": 1}) == {"x": 1}
