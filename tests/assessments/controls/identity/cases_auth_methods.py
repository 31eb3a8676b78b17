"""Strong and weak sign-in methods."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import DIRECTORY, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

STRONG = "identity-auth-methods-strong"
ALL, SOME = "all_users", "dddddddd-0000-0000-0000-000000000001"


def method(name: str, *targets: Any, state: Any = "enabled") -> dict[str, Any]:
    return {
        "id": name,
        "state": state,
        "includeTargets": [{"id": one, "targetType": "group"} for one in targets],
    }


def methods(*configurations: Any, campaign: Any = "default", **more: Any) -> dict[str, Any]:
    body = {
        "id": "authenticationMethodsPolicy",
        "policyMigrationState": "migrationComplete",
        "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {"state": campaign}},
        "authenticationMethodConfigurations": list(configurations),
        **more,
    }
    return {"authentication_methods_policy": {"": [body]}}


FIDO = method("Fido2", ALL)
DEFAULTS: dict[str, Any] = {}
CASES = [
    Case(STRONG, name, docs, {DIRECTORY: outcome}, remark=remark, params=params)
    for name, outcome, docs, remark, params in (
        ("passkeys", "pass", methods(FIDO, method("Sms", ALL, state="disabled")), "", DEFAULTS),
        ("Authenticator", "pass", methods(method("MicrosoftAuthenticator", ALL)), "", DEFAULTS),
        (
            "certificates for a group",
            "pass",
            methods(method("X509Certificate", SOME)),
            "for all users",
            DEFAULTS,
        ),
        (
            "nothing strong",
            "fail",
            methods(method("Email", ALL), method("Fido2", ALL, state="disabled")),
            "",
            DEFAULTS,
        ),
        ("strong for nobody", "fail", methods(method("Fido2")), "", DEFAULTS),
        ("empty list", "unknown", methods(), "", DEFAULTS),
        ("text messages", "fail", methods(FIDO, method("Sms", ALL)), "", DEFAULTS),
        ("voice calls", "fail", methods(FIDO, method("Voice", SOME, ALL)), "", DEFAULTS),
        ("text messages for a group", "pass", methods(FIDO, method("Sms", SOME)), "some users", DEFAULTS),
        ("text messages for nobody", "pass", methods(FIDO, method("Sms")), "for nobody", DEFAULTS),
        ("no campaign", "pass", methods(FIDO, campaign="disabled"), "campaign", DEFAULTS),
        (
            "not migrated",
            "pass",
            methods(FIDO, policyMigrationState="migrationInProgress"),
            "older settings",
            DEFAULTS,
        ),
        ("unknown state", "unknown", methods(FIDO, method("Sms", ALL, state="paused")), "", DEFAULTS),
        (
            "weak, and another one unreadable",
            "fail",
            methods(method("Sms", ALL), method("Fido2", ALL, state=7)),
            "",
            DEFAULTS,
        ),
        ("not a list", "unknown", methods(authenticationMethodConfigurations={"Fido2": FIDO}), "", DEFAULTS),
    )
] + [Case(STRONG, "forbidden", {}, {DIRECTORY: "unknown"}, [gap("authentication_methods_policy")])]

NO_WEAK_FOR_ALL = "no weak sign-in method is enabled for all users"
PERMITTED = "permit text messages and voice calls for all users"
CASES += [
    Case(
        STRONG,
        name,
        methods(FIDO, *weak),
        {DIRECTORY: "pass"},
        params={"allow_sms_voice": True},
        reason=reason,
        remark=remark,
        no_remark=no_remark,
    )
    for name, weak, reason, remark, no_remark in (
        ("text messages for all accepted", [method("Sms", ALL)], PERMITTED, "for all users", "some users"),
        ("voice calls for all accepted", [method("Voice", ALL)], PERMITTED, "for all users", "some users"),
        (
            "text messages for all and voice calls for a group accepted",
            [method("Sms", ALL), method("Voice", SOME)],
            PERMITTED,
            "for all users",
            "some users",
        ),
        (
            "text messages for a group, accepted for all",
            [method("Sms", SOME)],
            NO_WEAK_FOR_ALL,
            "for some users",
            "for all users",
        ),
        ("no weak method, accepted for all", [], NO_WEAK_FOR_ALL, "", "Text messages"),
    )
]
IMPOSSIBLE = {STRONG: {"not_applicable": "every directory has this policy"}}
ABSENCE_PASSES = [
    (STRONG, r"registrationEnforcement.*|policyMigrationState", "the property only adds a remark"),
    (
        STRONG,
        r"authenticationMethodConfigurations\[\].includeTargets",
        "a weak method for nobody is a remark",
    ),
]
OFFICIAL_VERDICTS = """
identity-auth-methods-strong fail: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Entra admin center › Entra ID › Authentication methods › Policies",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/authentication/concept-authentication-methods-manage.md",
            "0258f97153bbaea36de2d7b8880346fdfa1ad131",
            "browse to Entra ID > Authentication methods > Policies",
        ),
    ),
]
