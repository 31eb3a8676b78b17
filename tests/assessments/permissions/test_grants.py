"""The places at which missing permissions are granted."""

from __future__ import annotations

from assessments.permissions.grants import grant_at, grants_from_ledger, place_of
from tests.assessments.collect.azure import CLIENT, guid

PLACES = {
    "entra_log_settings": "/providers/Microsoft.aadiam",
    "intune_log_settings": "/providers/Microsoft.Intune",
    "subscription_policy": "/",
}


def test_settings_above_subscriptions_are_granted_where_they_are() -> None:
    for collection, place in PLACES.items():
        assert place_of(collection) == place
        commands = " ".join(grant_at("a", place, ["c"], CLIENT, [guid(1)]).commands)
        assert "--role Reader" in commands
        assert f"--scope {place}" in commands.replace('"', "").replace("'", "")
        assert guid(1) not in commands
    assert place_of("storage_accounts") == ""


def test_a_permission_at_two_places_has_two_grants() -> None:
    permission = "microsoft.insights/diagnosticSettings/read"
    row = {"permission": permission, "gaps": {"forbidden": 1}}
    ledger = {"collections": {"entra_log_settings": row, "intune_log_settings": row}}
    grants = grants_from_ledger(ledger, CLIENT, [guid(1)])
    assert [grant.permission for grant in grants] == [permission, permission]
    assert grants[0].commands != grants[1].commands
