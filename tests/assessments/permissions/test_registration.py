"""The commands of a registration run in Bash, exist in the Azure CLI, and grant access to all data of the controls."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from assessments.controls.registry import catalogue
from assessments.controls.shared.role_holders import HIDDEN_MEMBERS
from assessments.estate.collection import Source
from assessments.estate.collections import ALL
from assessments.generated_docs.permission_parts import with_permissions
from assessments.permissions.grants import (
    ABOVE_SUBSCRIPTIONS,
    APP_ROLES,
    AT_MANAGEMENT_GROUPS,
    closure,
    grant_of,
    grants_from_ledger,
)
from assessments.permissions.registration import (
    CERTIFICATE,
    MANAGED_IDENTITY,
    MANAGEMENT_GROUP,
    SECRET,
    SUBSCRIPTIONS,
    KnownIdentity,
    graph_permissions,
    registration,
)
from tenants.azure import certificates
from tenants.azure.foreign import grant_commands
from tenants.cloud_table import CLOUDS
from tenants.errors import SuretyError
from tenants.models import Directory
from tests.assessments.collect.azure import guid
from tests.assessments.fixes.shell import problems_of, run, with_examples

OPERATIONS = Path(__file__).resolve().parents[3] / "docs" / "operations" / "service-principals.md"
# OpenSSL writes its progress to the standard error, and `run` fails if a script writes there.
QUIET_OPENSSL = 'openssl() { command openssl "$@" 2>/dev/null; }\n'
CLIENT = "c0000000-0000-0000-0000-000000000001"


def script(cloud: str) -> str:
    return with_examples("\n".join(step.text for step in registration(cloud).commands))


@pytest.mark.parametrize("cloud", list(CLOUDS))
def test_every_command_runs_and_exists(cloud: str, tmp_path: Path) -> None:
    calls = run(script(cloud), tmp_path)
    assert [problem for call in calls for problem in problems_of(call)] == []
    names = [" ".join(call[:3]) for call in calls]
    assert names.count("role assignment create") == 2
    assert ("cloud set --name" in names[0]) is (cloud != "AzureCloud")
    # The Azure CLI can grant admin consent only in the global cloud.
    assert any("admin-consent" in call for call in calls) is (cloud == "AzureCloud")


def test_roles_are_assigned_by_object_id_on_the_root_or_each_subscription(tmp_path: Path) -> None:
    calls = run(script("AzureCloud"), tmp_path)
    (listed,) = [call for call in calls if call[:2] == ["account", "list"]]
    assert "--all" in listed, "by default, the Azure CLI leaves out subscriptions with an unpaid bill"
    assert listed[listed.index("--query") + 1].endswith(" && (state=='Enabled' || state=='PastDue')].id")
    made = [call for call in calls if call[:2] == ["role", "assignment"]]
    for call in made:
        assert call[call.index("--assignee-principal-type") + 1] == "ServicePrincipal"
        assert "--assignee" not in call
    scopes = [call[call.index("--scope") + 1] for call in made]
    assert scopes[0].startswith("/providers/Microsoft.Management/managementGroups/")
    assert scopes[1].startswith("/subscriptions/")


def keyless(tmp_path: Path, identity: KnownIdentity, cloud: str = "AzureCloud") -> list[list[str]]:
    fix = registration(cloud, directory_id=guid(9), reach=MANAGEMENT_GROUP, identity=identity)
    calls = run("set -eu\n" + with_examples("\n".join(step.text for step in fix.commands)), tmp_path)
    assert [problem for call in calls for problem in problems_of(call)] == []
    names = [" ".join(call[:3]) for call in calls]
    # The commands create no application, service principal, secret or certificate.
    assert not {"ad app create", "ad sp create", "ad app credential"} & set(names)
    assert ["ad", "sp", "show", "--id", CLIENT, "--query", "id", "--output", "tsv"] in calls
    return calls


@pytest.mark.parametrize(
    ("issuer", "subject"),
    [
        ("https://oidc.example.com/it's", 'system:"$(id)"'),
        # If the issuer and the subject are unknown or contain a placeholder, people enter them. Here, `with_examples`
        # enters the examples that the comments in the commands show.
        ("", ""),
        ("https://oidc.example.com/{group}", "{subject}"),
    ],
)
def test_an_application_trusts_the_token_of_the_host(issuer: str, subject: str, tmp_path: Path) -> None:
    identity = KnownIdentity("federated", CLIENT, "api://AzureADTokenExchange", issuer, subject)
    calls = keyless(tmp_path, identity)
    (made,) = [call for call in calls if call[:3] == ["ad", "app", "federated-credential"]]
    trust = json.loads(made[made.index("--parameters") + 1])
    is_known = bool(issuer) and "{" not in issuer
    assert trust == {
        "name": "surety-reader",
        "issuer": issuer if is_known else "https://oidc.example.com/cluster",
        "subject": subject if is_known else "system:serviceaccount:surety:worker",
        "audiences": ["api://AzureADTokenExchange"],
    }
    assert any("admin-consent" in call for call in calls)


@pytest.mark.parametrize("cloud", ["AzureCloud", "AzureUSGovernment"])
def test_a_managed_identity_gets_each_permission_by_itself(cloud: str, tmp_path: Path) -> None:
    calls = keyless(tmp_path, KnownIdentity(MANAGED_IDENTITY, CLIENT), cloud)
    asked = [call for call in calls if call[0] == "rest"]
    assert {call[call.index("--uri") + 1] for call in asked} == {
        f"{CLOUDS[cloud].graph}/v1.0/servicePrincipals/westeurope/appRoleAssignments"
    }
    bodies = [json.loads(call[call.index("--body") + 1]) for call in asked]
    assert sorted(body["appRoleId"] for body in bodies) == sorted(
        APP_ROLES[permission] for permission in graph_permissions()
    )
    # A managed identity has no application, so permissions cannot be added to one.
    assert not [call for call in calls if call[:3] == ["ad", "app", "permission"]]


def test_all_permissions_of_the_collections_are_added_at_once(tmp_path: Path) -> None:
    (added,) = [call for call in run(script("AzureCloud"), tmp_path) if "add" in call]
    wanted = {c.permissions[0] for c in ALL.values() if c.source is Source.GRAPH}
    assert set(graph_permissions()) == wanted
    words = [word for word in added if word.endswith("=Role")]
    assert len(words) == len(wanted)
    assert {f"{APP_ROLES[name]}=Role" for name in wanted & set(APP_ROLES)} <= set(words)


@pytest.mark.parametrize("cloud", ["", "AzureCloud", "AzureUSGovernment"])
@pytest.mark.parametrize(
    "permission", ["Microsoft.Storage/storageAccounts/read", "Policy.Read.All", HIDDEN_MEMBERS]
)
def test_grants_of_a_preflight_run_and_exist(permission: str, cloud: str, tmp_path: Path) -> None:
    text = grant_of(permission, [], CLIENT, ["<id>", guid(1)], cloud).command
    calls = run(with_examples(text), tmp_path)
    assert calls
    assert [problem for call in calls for problem in problems_of(call)] == []
    assert "<id>" not in text
    assert ("Entra admin center" in text) is (cloud == "AzureUSGovernment" and "/" not in permission)


def section_on_permissions() -> str:
    text = OPERATIONS.read_text(encoding="utf-8")
    return text.split("## A service principal with sufficient permissions")[1].split("\n## ")[0]


def test_the_documentation_names_each_scope_that_the_documented_roles_do_not_include() -> None:
    rows = [line for line in section_on_permissions().splitlines() if line.startswith("| ")]
    places = {
        **{name: f"| `{scope}` |" for name, scope in ABOVE_SUBSCRIPTIONS.items()},
        **dict.fromkeys(AT_MANAGEMENT_GROUPS, "| The management groups "),
    }
    for collection, place in places.items():
        (row,) = [row for row in rows if row.startswith(place)]
        reading = {slug for slug, control in catalogue().items() if collection in closure(control)}
        assert reading
        assert set(re.findall(r"`([a-z-]+)`", row.split(" | ")[1])) == reading


def test_the_documented_commands_exist(tmp_path: Path) -> None:
    section = section_on_permissions()
    (block,) = re.findall(r"```bash\n(.*?)```", section, re.DOTALL)
    calls = run(with_examples(block), tmp_path)
    assert [problem for call in calls for problem in problems_of(call)] == []
    assert len(calls) >= 7
    (added,) = [call for call in calls if "add" in call]
    assert len([word for word in added if word.endswith("=Role")]) == len(graph_permissions())
    for permission in graph_permissions():
        assert f"`{permission}`" in section


def test_the_documented_permissions_are_up_to_date() -> None:
    text = OPERATIONS.read_text(encoding="utf-8")
    assert with_permissions(text, ALL.values()) == text, "run make docs"
    rows = re.findall(r"^\| `([\w.-]+)` \| `([\da-f-]{36})` \| \S", section_on_permissions(), re.MULTILINE)
    assert rows == [(permission, APP_ROLES[permission]) for permission in graph_permissions()]


def test_a_page_without_the_generated_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="must have one table between the comments"):
        with_permissions("# Service principals\n", ALL.values())


def test_settings_of_management_groups_take_reader_on_a_management_group(tmp_path: Path) -> None:
    permission = "Microsoft.Insights/diagnosticSettings/read"
    gaps = {"permission": permission, "gaps": {"forbidden": 1}}
    ledger = {
        "collections": {"management_group_log_settings": gaps},
        "controls": {"logging-activity-export": {"unknown": {"forbidden": 1}}},
    }
    (grant,) = grants_from_ledger(ledger, CLIENT, [guid(1)])
    assert (grant.permission, grant.controls) == (permission, ("logging-activity-export",))
    (call,) = [call for call in run(with_examples(grant.command), tmp_path) if call[0] == "role"]
    assert list(problems_of(call)) == []
    assert call[call.index("--scope") + 1].startswith("/providers/Microsoft.Management/managementGroups/")


def test_a_permission_that_only_verdicts_name_is_granted() -> None:
    ledger = {
        "controls": {
            "identity-mfa-enforced": {"unknown": {"forbidden": 1}, "permissions": {HIDDEN_MEMBERS: 1}},
            "identity-mfa-privileged": {"unknown": {"forbidden": 1}},
        }
    }
    (grant,) = grants_from_ledger(ledger, CLIENT, [])
    assert (grant.permission, grant.controls) == (HIDDEN_MEMBERS, ("identity-mfa-enforced",))
    assert f"{APP_ROLES[HIDDEN_MEMBERS]}=Role" in grant.command


@pytest.mark.parametrize("cloud", list(CLOUDS))
def test_a_foreign_subscription_is_granted_in_its_cloud_and_directory(cloud: str, tmp_path: Path) -> None:
    home = Directory(directory_id=guid(9), cloud_name=cloud)
    calls = run(grant_commands(home, CLIENT, guid(1)), tmp_path)
    assert [problem for call in calls for problem in problems_of(call)] == []
    expected = [["login", "--tenant", guid(9)], ["account", "set", "--subscription", guid(1)]]
    if cloud != "AzureCloud":
        expected.insert(0, ["cloud", "set", "--name", CLOUDS[cloud].cli])
    assert calls[: len(expected)] == expected
    assert calls[-1][:3] == ["role", "assignment", "create"]


@pytest.mark.parametrize("kind", [SECRET, CERTIFICATE])
@pytest.mark.parametrize(
    ("reach", "scope"), [(MANAGEMENT_GROUP, "/providers/"), (SUBSCRIPTIONS, "/subscriptions/")]
)
def test_commands_for_one_customer_need_no_input(kind: str, reach: str, scope: str, tmp_path: Path) -> None:
    fix = registration("AzureChinaCloud", directory_id=guid(7), reach=reach, kind=kind)
    text = "\n".join(step.text for step in fix.commands)
    assert "DIRECTORY_ID" not in text
    calls = run(QUIET_OPENSSL + text, tmp_path)
    assert [problem for call in calls for problem in problems_of(call)] == []
    (login,) = [call for call in calls if call[0] == "login"]
    assert login[login.index("--tenant") + 1] == guid(7)
    (assigned,) = [call for call in calls if call[:2] == ["role", "assignment"]]
    assert assigned[assigned.index("--scope") + 1].startswith(scope)
    (reset,) = [call for call in calls if call[:4] == ["ad", "app", "credential", "reset"]]
    assert ("--cert" in reset) is (kind == CERTIFICATE)


@pytest.mark.slow(seconds=1)
def test_certificate_of_the_commands_is_accepted(tmp_path: Path) -> None:
    fix = registration(directory_id=guid(7), reach=MANAGEMENT_GROUP, kind=CERTIFICATE)
    run(QUIET_OPENSSL + fix.commands[-1].text.replace("${APP_ID:?}", CLIENT), tmp_path)
    (pem,) = tmp_path.rglob("surety-reader.pem")
    found = certificates.read(pem.read_text())
    assert found.subject == "CN=surety-reader"


def test_directory_that_is_no_guid_is_refused() -> None:
    with pytest.raises(SuretyError, match="not a valid id"):
        registration(directory_id="$(reboot)")
