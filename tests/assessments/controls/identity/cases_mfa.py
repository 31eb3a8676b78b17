"""MFA of administrators and of users who can change Azure resources."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import Case
from tests.assessments.controls.identity.directory_documents import (
    ADA,
    APP,
    BOB,
    CONTRIBUTOR,
    DIRECTORY_READERS,
    GROUP,
    GUEST,
    OWNER,
    READER,
    assignment,
    built_in,
    directory_role,
    guest,
    member,
    registered,
    role,
    user,
)
from tests.assessments.controls.identity.mfa_documents import (
    DEFAULTS_OFF,
    DEFAULTS_ON,
    NEWER_SYNCHRONISATION,
    SYNCHRONISATION,
    UNLICENSED,
    external_mfa,
)
from tests.assessments.controls.judging import DIRECTORY, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

PRIVILEGED, WRITERS = "identity-mfa-privileged", "identity-mfa-azure-writers"

ADA_IS, BOB_IS, GUEST_IS = (f"{DIRECTORY}/users/{who}" for who in (ADA, BOB, GUEST))

TRUST = {"": [{"id": "x", "inboundTrust": {"isMfaAccepted": True}}]}

NO_TRUST = {"": [{"id": "x", "inboundTrust": {"isMfaAccepted": False}}]}


def admin(
    registration: dict[str, Any] | None = None, who: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    who = who or user()
    return {
        "directory_role_assignments": [directory_role(who["id"])],
        "users": [who],
        "mfa_registrations": [registration] if registration else [],
        **more,
    }


def writer(registration: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "role_assignments": [assignment()],
        "role_definitions": built_in(),
        "users": [user()],
        "mfa_registrations": [registration] if registration else [],
        **more,
    }


def _federated(*settings: dict[str, Any], name: str = "example.com") -> dict[str, Any]:
    """A federated domain with these federation settings. If none are given, the domain's list of settings is empty."""
    return {
        "domains": [{"id": name, "authenticationType": "Federated", "isVerified": True}],
        "domain_federation": {name: [{"id": "f", **one} for one in settings]},
    }


CAPABLE, BARE = registered(), registered(capable=False)

# The account of an agent, which Graph lists as a user.
AGENT = user(identityParentId=APP)

_PRIVILEGED = [
    Case(PRIVILEGED, "capable", admin(CAPABLE), {ADA_IS: "pass"}),
    Case(PRIVILEGED, "ids in other case", admin(registered(ADA.upper())), {ADA_IS: "pass"}),
    Case(PRIVILEGED, "not capable", admin(BARE), {ADA_IS: "fail"}, reason="No usable"),
    *(
        Case(PRIVILEGED, f"federated: {name}", admin(BARE, **_federated(*settings)), {ADA_IS: outcome})
        for name, settings, outcome in (
            ("accepts", [{"federatedIdpMfaBehavior": "acceptIfMfaDoneByFederatedIdp"}], "unknown"),
            ("enforces", [{"federatedIdpMfaBehavior": "enforceMfaByFederatedIdp"}], "unknown"),
            ("not stated", [{}], "unknown"),
            ("no settings", [], "unknown"),
            ("rejects", [{"federatedIdpMfaBehavior": "rejectMfaByFederatedIdp"}], "fail"),
        )
    ),
    Case(PRIVILEGED, "federated and capable", admin(CAPABLE, **_federated({})), {ADA_IS: "pass"}),
    Case(
        PRIVILEGED,
        "another domain is federated",
        admin(BARE, **_federated({}, name="corp.example.com")),
        {ADA_IS: "fail"},
    ),
    Case(
        PRIVILEGED,
        "federated, settings forbidden",
        admin(BARE, domains=_federated()["domains"]),
        {ADA_IS: "unknown"},
        [gap("domain_federation", "example.com")],
    ),
    Case(PRIVILEGED, "domains forbidden", admin(BARE), {ADA_IS: "unknown"}, [gap("domains")]),
    Case(
        PRIVILEGED,
        "external MFA",
        admin(BARE, **external_mfa()),
        {ADA_IS: "unknown"},
        reason="permits external MFA",
    ),
    Case(
        PRIVILEGED,
        "external MFA for a group",
        admin(BARE, **external_mfa(targets=[GROUP])),
        {ADA_IS: "unknown"},
    ),
    Case(PRIVILEGED, "external MFA disabled", admin(BARE, **external_mfa("disabled")), {ADA_IS: "fail"}),
    Case(PRIVILEGED, "external MFA for nobody", admin(BARE, **external_mfa(targets=())), {ADA_IS: "fail"}),
    Case(PRIVILEGED, "external MFA unclear", admin(BARE, **external_mfa("paused")), {ADA_IS: "unknown"}),
    Case(PRIVILEGED, "external MFA and capable", admin(CAPABLE, **external_mfa()), {ADA_IS: "pass"}),
    Case(
        PRIVILEGED,
        "methods forbidden",
        admin(BARE),
        {ADA_IS: "unknown"},
        [gap("authentication_methods_policy")],
    ),
    Case(
        PRIVILEGED,
        "registered method blocked by policy",
        admin(registered(capable=False, isMfaRegistered=True)),
        {ADA_IS: "fail"},
        reason="policy blocks",
    ),
    Case(
        PRIVILEGED,
        "weak methods only",
        admin(registered(methodsRegistered=["mobilePhone", "email"])),
        {ADA_IS: "pass"},
        remark="text message, voice",
    ),
    Case(
        PRIVILEGED,
        "account that synchronises the directory",
        admin(
            registered(capable=False, isAdmin=True),
            directory_role_assignments=[directory_role(role=SYNCHRONISATION)],
        ),
        {ADA_IS: "not_applicable"},
        reason="synchronises",
    ),
    Case(
        PRIVILEGED,
        "account with both roles that synchronise the directory",
        admin(
            registered(capable=False, isAdmin=True),
            directory_role_assignments=[
                directory_role(role=SYNCHRONISATION, name="two"),
                directory_role(role=NEWER_SYNCHRONISATION),
            ],
        ),
        {ADA_IS: "not_applicable"},
        reason="synchronises",
    ),
    Case(
        PRIVILEGED,
        "account of an agent",
        admin(BARE, AGENT, directory_role_assignments=[directory_role(kind="agentUser")]),
        {ADA_IS: "not_applicable"},
        reason="belongs to an agent",
    ),
    Case(
        PRIVILEGED,
        "account of an agent, missing from the report",
        admin(who=AGENT),
        {ADA_IS: "not_applicable"},
        reason="belongs to an agent",
    ),
    Case(
        PRIVILEGED,
        "synchronising account with another role",
        admin(
            BARE,
            directory_role_assignments=[
                directory_role(role=SYNCHRONISATION, name="two"),
                directory_role(),
            ],
        ),
        {ADA_IS: "fail"},
    ),
    Case(
        PRIVILEGED,
        "excluded by id",
        admin(BARE),
        {ADA_IS: "not_applicable"},
        params={"excluded": f"{BOB}; {ADA.upper()}"},
    ),
    Case(PRIVILEGED, "user type null", admin(CAPABLE, user(userType=None)), {ADA_IS: "pass"}),
    Case(PRIVILEGED, "disabled account", admin(BARE, user(accountEnabled=False)), {ADA_IS: "not_applicable"}),
    Case(PRIVILEGED, "no role holder", {"users": [user()]}, {DIRECTORY: "not_applicable"}),
    Case(
        PRIVILEGED,
        "non-administrative role",
        admin(BARE, directory_role_assignments=[directory_role(role=DIRECTORY_READERS)]),
        {DIRECTORY: "not_applicable"},
    ),
    Case(
        PRIVILEGED,
        "service principal",
        admin(BARE, directory_role_assignments=[directory_role(APP, "servicePrincipal")]),
        {DIRECTORY: "not_applicable"},
    ),
    *(
        Case(
            PRIVILEGED,
            f"an agent of the type {kind}",
            admin(
                BARE,
                directory_role_assignments=[directory_role(APP, kind), directory_role(GROUP, "group")],
                group_members={GROUP: [member(APP, kind)]},
            ),
            {DIRECTORY: "not_applicable"},
        )
        for kind in ("agentIdentity", "agentIdentityBlueprintPrincipal")
    ),
    Case(
        PRIVILEGED,
        "eligible without MFA",
        admin(BARE, directory_role_assignments=[], directory_role_eligibilities=[directory_role()]),
        {ADA_IS: "fail"},
    ),
    Case(
        PRIVILEGED,
        "administrator in the report only",
        admin(registered(capable=False, isAdmin=True), directory_role_assignments=[]),
        {ADA_IS: "fail"},
    ),
    Case(
        PRIVILEGED,
        "report with another value than true or false",
        admin(registered(capable=False, isAdmin="True"), directory_role_assignments=[]),
        {DIRECTORY: "unknown"},
    ),
    Case(
        PRIVILEGED,
        "through a group",
        admin(
            BARE,
            directory_role_assignments=[directory_role(GROUP, "group")],
            group_members={GROUP: [member(), member(APP, "servicePrincipal")]},
        ),
        {ADA_IS: "fail"},
    ),
    Case(
        PRIVILEGED,
        "group members forbidden",
        admin(BARE, directory_role_assignments=[directory_role(GROUP, "group")]),
        {DIRECTORY: "unknown"},
        gaps=[gap("group_members", GROUP)],
    ),
    Case(
        PRIVILEGED,
        "deleted group",
        admin(BARE, directory_role_assignments=[directory_role(GROUP, "group")]),
        {f"{DIRECTORY}/groups/{GROUP}": "unknown"},
        gaps=[gap("group_members", GROUP, Reason.NOT_FOUND, 404)],
        reason="deleted, or belongs to another directory",
    ),
    Case(
        PRIVILEGED,
        "deleted user",
        admin(users=[]),
        {ADA_IS: "unknown"},
        reason="deleted, or belongs to another directory",
    ),
    Case(
        PRIVILEGED,
        "user in the report only",
        admin(registered(capable=False), users=[]),
        {ADA_IS: "unknown"},
        reason="the list of users does not",
    ),
    Case(
        PRIVILEGED,
        "not in the report",
        admin(),
        {ADA_IS: "unknown"},
        reason="missing from the registration report",
    ),
    Case(
        PRIVILEGED,
        "no licence, security defaults on",
        admin(security_defaults=DEFAULTS_ON),
        {ADA_IS: "pass"},
        UNLICENSED,
    ),
    Case(
        PRIVILEGED,
        "no licence, security defaults off",
        admin(security_defaults=DEFAULTS_OFF),
        {ADA_IS: "unknown"},
        UNLICENSED,
    ),
    Case(PRIVILEGED, "no licence, security defaults unreadable", admin(), {ADA_IS: "unknown"}, UNLICENSED),
    Case(
        PRIVILEGED,
        "report forbidden",
        admin(security_defaults=DEFAULTS_ON),
        {ADA_IS: "unknown", DIRECTORY: "unknown"},
        [gap("mfa_registrations")],
    ),
    Case(PRIVILEGED, "users forbidden", admin(CAPABLE, users=[]), {ADA_IS: "unknown"}, [gap("users")]),
    Case(
        PRIVILEGED,
        "assignments forbidden",
        admin(BARE, directory_role_assignments=[]),
        {DIRECTORY: "unknown"},
        [gap("directory_role_assignments")],
    ),
    Case(
        PRIVILEGED,
        "eligibilities forbidden",
        admin(CAPABLE),
        {ADA_IS: "pass", DIRECTORY: "unknown"},
        [gap("directory_role_eligibilities")],
    ),
    Case(
        PRIVILEGED,
        "no licence for PIM",
        admin(CAPABLE),
        {ADA_IS: "pass"},
        [gap("directory_role_eligibilities", reason=Reason.LICENCE_MISSING)],
    ),
    Case(
        PRIVILEGED,
        "guest with trusted home MFA",
        admin(registered(GUEST, False), guest(), cross_tenant_access=TRUST),
        {GUEST_IS: "pass"},
        remark="home directory",
    ),
    Case(
        PRIVILEGED,
        "guest without trusted home MFA",
        admin(registered(GUEST, False), guest(), cross_tenant_access=NO_TRUST),
        {GUEST_IS: "fail"},
    ),
    Case(PRIVILEGED, "no trust policy", admin(registered(GUEST, False), guest()), {GUEST_IS: "fail"}),
    Case(
        PRIVILEGED,
        "trust forbidden",
        admin(registered(GUEST, False), guest()),
        {GUEST_IS: "unknown"},
        [gap("cross_tenant_access")],
    ),
    Case(PRIVILEGED, "capable absent", admin({"id": ADA}), {ADA_IS: "unknown"}, reason="isMfaCapable"),
    Case(PRIVILEGED, "capable is text", admin(registered(isMfaCapable="true")), {ADA_IS: "unknown"}),
    Case(
        PRIVILEGED,
        "principal absent",
        admin(CAPABLE, directory_role_assignments=[{"id": "a", "principalId": BOB, "roleDefinitionId": "r"}]),
        {DIRECTORY: "unknown"},
    ),
]

_WRITERS = [
    Case(WRITERS, "Owner with MFA", writer(CAPABLE), {ADA_IS: "pass"}),
    Case(WRITERS, "Owner without MFA", writer(BARE), {ADA_IS: "fail"}),
    Case(
        WRITERS,
        "Contributor without MFA",
        writer(BARE, role_assignments=[assignment(role=CONTRIBUTOR)]),
        {ADA_IS: "fail"},
    ),
    Case(
        WRITERS,
        "Reader",
        writer(BARE, role_assignments=[assignment(role=READER)]),
        {DIRECTORY: "not_applicable"},
    ),
    Case(
        WRITERS,
        "two assignments of one user",
        writer(BARE, role_assignments=[assignment(), assignment(role=CONTRIBUTOR, name="2")]),
        {ADA_IS: "fail"},
    ),
    Case(
        WRITERS,
        "eligible without MFA",
        writer(BARE, role_assignments=[], role_eligibilities=[assignment()]),
        {ADA_IS: "fail"},
    ),
    Case(
        WRITERS,
        "through a group",
        writer(BARE, role_assignments=[assignment(GROUP, kind="Group")], group_members={GROUP: [member()]}),
        {ADA_IS: "fail"},
    ),
    Case(
        WRITERS,
        "account of an agent through a group",
        writer(
            BARE,
            users=[AGENT],
            role_assignments=[assignment(GROUP, kind="Group")],
            group_members={GROUP: [member(kind="agentUser")]},
        ),
        {ADA_IS: "not_applicable"},
        reason="belongs to an agent",
    ),
    Case(
        WRITERS,
        "group of another directory",
        writer(BARE, role_assignments=[assignment(GROUP, kind="ForeignGroup")]),
        {DIRECTORY: "unknown"},
        reason="another directory",
    ),
    Case(
        WRITERS,
        "service principal",
        writer(BARE, role_assignments=[assignment(APP, kind="ServicePrincipal")]),
        {DIRECTORY: "not_applicable"},
    ),
    Case(
        WRITERS,
        "unknown kind of principal",
        writer(BARE, role_assignments=[assignment(APP, kind="Robot")]),
        {DIRECTORY: "unknown"},
    ),
    Case(WRITERS, "user of no directory", writer(users=[]), {ADA_IS: "unknown"}, reason="another directory"),
    Case(
        WRITERS,
        "disabled account",
        writer(BARE, users=[user(accountEnabled=False)]),
        {ADA_IS: "not_applicable"},
    ),
    Case(
        WRITERS,
        "definitions of one subscription forbidden",
        writer(BARE),
        {ADA_IS: "fail", DIRECTORY: "unknown"},
        [gap("role_assignments", "/subscriptions/10000000-0000-0000-0000-000000000002")],
    ),
    Case(
        WRITERS,
        "definitions forbidden, no MFA",
        writer(BARE, role_definitions=[]),
        {ADA_IS: "unknown"},
        [gap("role_definitions")],
    ),
    Case(WRITERS, "role without a definition", writer(BARE, role_definitions=[]), {ADA_IS: "unknown"}),
    Case(
        WRITERS,
        "no licence for PIM",
        writer(CAPABLE),
        {ADA_IS: "pass"},
        [gap("role_eligibilities", reason=Reason.LICENCE_MISSING)],
    ),
    Case(
        WRITERS,
        "custom role with an action only",
        writer(BARE, role_definitions=[role(OWNER, ["Microsoft.Compute/virtualMachines/start/action"])]),
        {ADA_IS: "fail"},
    ),
    Case(
        WRITERS,
        "notActions removes every change",
        writer(BARE, role_definitions=[role(OWNER, ["*"], ["*/write", "*/delete", "*/action"])]),
        {DIRECTORY: "not_applicable"},
    ),
]

CASES = [*_PRIVILEGED, *_WRITERS]
OFFICIAL_VERDICTS = """
identity-mfa-azure-writers unknown: 3cce9d87 56f2d212 a3bb8764 ce2ce14e  # the report does not list the user
identity-mfa-azure-writers unknown: 484a7d5f  # users of another directory
identity-mfa-azure-writers fail: classicadminid2
identity-mfa-azure-writers pass: 86462606
identity-mfa-privileged unknown: 10fc1cc8 6f87972e ace08ec9  # the report does not list the user
identity-mfa-privileged pass: 86462606
"""
PORTAL_PATHS = [
    ComparedPath(
        "Entra admin center › Entra ID › Conditional Access › Create new policy from templates"
        " › Require multifactor authentication for admins",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/conditional-access/concept-conditional-access-policy-common.md",
            "0593e51a3816f443f3da2d8208de8afcede44f53",
            "Entra ID > Conditional Access > Create new policy from templates",
            "Require multifactor authentication for admins",
        ),
    ),
]
