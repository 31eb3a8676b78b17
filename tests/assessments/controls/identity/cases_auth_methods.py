"""Strong and weak sign-in methods."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import DIRECTORY, gap

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
CASES = [
    Case(STRONG, name, docs, {DIRECTORY: outcome}, remark=remark, params=params)
    for name, outcome, docs, remark, params in (
        ("passkeys", "pass", methods(FIDO, method("Sms", ALL, state="disabled")), "", {}),
        ("Authenticator", "pass", methods(method("MicrosoftAuthenticator", ALL)), "", {}),
        ("certificates for a group", "pass", methods(method("X509Certificate", SOME)), "for all users", {}),
        (
            "nothing strong",
            "fail",
            methods(method("Email", ALL), method("Fido2", ALL, state="disabled")),
            "",
            {},
        ),
        ("strong for nobody", "fail", methods(method("Fido2")), "", {}),
        ("empty list", "unknown", methods(), "", {}),
        ("text messages", "fail", methods(FIDO, method("Sms", ALL)), "", {}),
        ("voice calls", "fail", methods(FIDO, method("Voice", SOME, ALL)), "", {}),
        (
            "text messages accepted",
            "pass",
            methods(FIDO, method("Sms", ALL)),
            "some users",
            {"allow_sms_voice": True},
        ),
        ("text messages for a group", "pass", methods(FIDO, method("Sms", SOME)), "some users", {}),
        ("text messages for nobody", "pass", methods(FIDO, method("Sms")), "for nobody", {}),
        ("no campaign", "pass", methods(FIDO, campaign="disabled"), "campaign", {}),
        (
            "not migrated",
            "pass",
            methods(FIDO, policyMigrationState="migrationInProgress"),
            "older settings",
            {},
        ),
        ("unknown state", "unknown", methods(FIDO, method("Sms", ALL, state="paused")), "", {}),
        (
            "weak, and another one unreadable",
            "fail",
            methods(method("Sms", ALL), method("Fido2", ALL, state=7)),
            "",
            {},
        ),
        ("not a list", "unknown", methods(authenticationMethodConfigurations={"Fido2": FIDO}), "", {}),
    )
] + [Case(STRONG, "forbidden", {}, {DIRECTORY: "unknown"}, [gap("authentication_methods_policy")])]
IMPOSSIBLE = {STRONG: {"not_applicable": "every directory has this policy"}}
ABSENCE_PASSES = [
    (STRONG, r"registrationEnforcement.*|policyMigrationState", "the property only adds a remark"),
    (
        STRONG,
        r"authenticationMethodConfigurations\[\].includeTargets",
        "a weak method for nobody is a remark",
    ),
]
