"""The sections in `TIER_ONE` contain every control that was required for the first version of Surety."""

from __future__ import annotations

from assessments.controls.registry import catalogue
from assessments.estate.estate import UnitKind
from tests.for_each import for_each

TIER_ONE = {
    "identity": """mfa-privileged mfa-azure-writers mfa-enforced mfa-all-users password-policy custom-roles-admin
        custom-roles-review guests-needed guests-azure-permissions guests-limited guests-cannot-invite
        adfs-onprem-audit""",
    "defender": """vm-data-collection policy-all-recommendations no-open-recommendations recommendations-review
        contact-email contact-phone plan-servers plan-databases""",
    "logging": """activity-export nsg-flow sql-db-auditing storage-encryption storage-secure-transfer
        retention-activity retention-flow retention-sql""",
    "vm": "agent-running os-patches software-patches endpoint-protection disk-encryption os-firewall",
    "operations": "vulnerability-scans",
}


@for_each("section", TIER_ONE)
def test_sections_contain_every_required_control(section: str) -> None:
    wanted = {f"{section}-{name}" for name in TIER_ONE[section].split()}
    assert wanted - set(catalogue()) == set()


OF_DIRECTORY = {"defender-easm", "logging-entra-diagnostics", "logging-graph-activity", "logging-intune"}


def test_custom_roles_are_judged_per_subscription_and_users_per_directory() -> None:
    for rule in catalogue().values():
        if rule.section == "identity":
            by_subscription = rule.slug.startswith(("identity-custom-roles-", "identity-lock-role"))
            assert (rule.unit is UnitKind.SUBSCRIPTION) is by_subscription
        elif rule.section in TIER_ONE:
            assert (rule.unit is UnitKind.DIRECTORY) is (rule.slug in OF_DIRECTORY)
