"""Unused accounts, secrets of applications, and the policy on moving subscriptions."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import rows
from tests.assessments.controls.identity.directory_documents import ADA, BOB, directory_role, guest, user
from tests.assessments.controls.judging import DIRECTORY, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

MOVE, STALE, CREDENTIALS = (
    "identity-subscription-transfer",
    "identity-stale-users",
    "identity-app-cred-expiry",
)
LEAVING, ENTERING = "blockSubscriptionsLeavingTenant", "blockSubscriptionsIntoTenant"
SYNCHRONISING = "d29b2b05-8046-44ba-8758-1e26182fcf32"
APP = "eeeeeeee-0000-0000-0000-00000000000a"
ADA_IS, BOB_IS = f"{DIRECTORY}/users/{ADA}", f"{DIRECTORY}/users/{BOB}"
APP_IS = f"{DIRECTORY}/applications/{APP}"
SUCCESS, ATTEMPT, UNATTENDED = (
    "lastSuccessfulSignInDateTime",
    "lastSignInDateTime",
    "lastNonInteractiveSignInDateTime",
)
RECENT, OLD = "2026-11-20T08:00:00Z", "2026-05-01T08:00:00Z"
NEW = {"createdDateTime": "2026-11-10T09:00:00Z"}


def policy(**properties: Any) -> dict[str, Any]:
    return {
        "subscription_policy": {"": [doc("/providers/Microsoft.Subscription/policies/default", properties)]}
    }


def activity(identifier: str = ADA, **times: Any) -> dict[str, Any]:
    return {"id": identifier, "signInActivity": times or None}


def people(*users: Any, used: Any = (), **more: Any) -> dict[str, Any]:
    return {"users": list(users), "user_sign_ins": list(used), **more}


def at(time: Any, name: str = SUCCESS, identifier: str = ADA) -> dict[str, Any]:
    return activity(identifier, **{name: time})


def secret(
    start: Any = "2026-06-01T00:00:00Z", end: Any = "2027-06-01T00:00:00Z", key: Any = "k"
) -> dict[str, Any]:
    return {"keyId": key, "startDateTime": start, "endDateTime": end}


def app(*secrets: Any, certificates: Any = ()) -> dict[str, Any]:
    body = {
        "id": APP,
        "appId": APP,
        "passwordCredentials": list(secrets),
        "keyCredentials": list(certificates),
    }
    return {"applications": [body]}


EXEMPTED = [f"user{number}" for number in range(4)]
EVER = secret(end=None)

CASES = [
    *rows(
        MOVE,
        ("both blocked", policy(**{LEAVING: True, ENTERING: True}), {DIRECTORY: "pass"}, {"no_remark": "exempted"}),
        ("many exempted", policy(**{LEAVING: True, ENTERING: True, "exemptedPrincipals": EXEMPTED}),
         {DIRECTORY: "pass"}, {"remark": "exempted"}),
        ("leaving", policy(**{LEAVING: False, ENTERING: True}), {DIRECTORY: "fail"}, {"reason": "to another"}),
        ("entering", policy(**{LEAVING: True, ENTERING: False}), {DIRECTORY: "fail"}, {"reason": "into this"}),
        ("absent", policy(**{LEAVING: True}), {DIRECTORY: "fail"}),
        ("never set", {}, {DIRECTORY: "fail"}, {"reason": "Nobody has set"}),
        ("text", policy(**{LEAVING: "true", ENTERING: True}), {DIRECTORY: "unknown"}),
        ("forbidden", {}, {DIRECTORY: "unknown"}, {"gaps": [gap("subscription_policy")]}),
    ),
    *rows(
        STALE,
        ("used", people(user(), used=[at(RECENT)]), {DIRECTORY: "pass"}),
        ("used by an application", people(user(), used=[at(RECENT, UNATTENDED)]),
         {DIRECTORY: "pass"}),
        ("used interactively", people(user(), used=[at(RECENT, ATTEMPT)]), {DIRECTORY: "pass"}),
        ("unused", people(user(), used=[at(OLD)]), {ADA_IS: "fail"}, {"reason": "No successful sign-in for over 90"}),
        # Everybody on the Internet can try to sign in, so a failed attempt does not show that somebody uses the
        # account.
        ("attempts failed", people(user(), used=[activity(**{SUCCESS: OLD, ATTEMPT: RECENT, UNATTENDED: RECENT})]),
         {ADA_IS: "fail"}, {"reason": "No successful sign-in for over 90"}),
        ("only attempts", people(user(), user(BOB), used=[at(RECENT, ATTEMPT), at(RECENT, identifier=BOB)]),
         {ADA_IS: "fail"}, {"reason": "No successful sign-in is recorded"}),
        ("successes not stated", people(user(), used=[at(OLD, ATTEMPT)]), {ADA_IS: "fail"},
         {"reason": "No sign-in for over 90"}),
        ("one of two", people(user(), user(BOB), used=[at(OLD), at(RECENT, identifier=BOB)]), {ADA_IS: "fail"}),
        ("never used", people(user(), user(BOB), used=[activity(), at(RECENT, identifier=BOB)]), {ADA_IS: "fail"},
         {"reason": "No successful sign-in is recorded"}),
        ("new", people(user(**NEW), user(BOB), used=[activity(), at(RECENT, identifier=BOB)]), {DIRECTORY: "pass"}),
        ("blocked", people(user(accountEnabled=False), user(BOB), used=[at(OLD), at(RECENT, identifier=BOB)]),
         {DIRECTORY: "pass"}),
        ("guest", people(guest(), user(BOB), used=[at(RECENT, identifier=BOB)]), {DIRECTORY: "pass"}),
        ("synchronizing", people(user(), user(BOB), used=[at(OLD), at(RECENT, identifier=BOB)],
                                 directory_role_assignments=[directory_role(role=SYNCHRONISING)]),
         {DIRECTORY: "pass"}),
        ("excluded", people(user(), user(BOB), used=[at(OLD), at(RECENT, identifier=BOB)]), {DIRECTORY: "pass"},
         {"params": {"excluded": ADA}}),
        ("longer", people(user(), used=[at(OLD)]), {DIRECTORY: "pass"}, {"params": {"max_age": 365}}),
        ("not in the report", people(user(), user(BOB), used=[at(RECENT, identifier=BOB)]), {ADA_IS: "unknown"}),
        ("not a time", people(user(), used=[at("yesterday")]), {ADA_IS: "unknown"}),
        ("no sign-ins", people(user(), used=[activity()]), {DIRECTORY: "unknown"}, {"reason": "when users signed in"}),
        ("only guests", people(guest(), used=[at(RECENT)]), {DIRECTORY: "not_applicable"}),
        ("no licence", {"users": [user()]}, {DIRECTORY: "unknown"},
         {"gaps": [gap("user_sign_ins", reason=Reason.LICENCE_MISSING)]}),
        ("users forbidden", {"user_sign_ins": [at(RECENT)]}, {DIRECTORY: "unknown"}, {"gaps": [gap("users")]}),
    ),
    *rows(
        CREDENTIALS,
        ("in time", app(secret()), {APP_IS: "pass"}),
        ("certificate", app(certificates=[secret()]), {APP_IS: "pass"}),
        ("ended", app(secret(end="2026-11-01T00:00:00Z")), {APP_IS: "fail"}),
        ("ends soon", app(secret(end="2026-12-10T00:00:00Z")), {APP_IS: "fail"}),
        ("ends soon, permitted", app(secret(end="2026-12-10T00:00:00Z")), {APP_IS: "pass"},
         {"params": {"warn_days": 5}}),
        ("without an end", app(EVER), {APP_IS: "fail"}),
        ("too long", app(secret(), certificates=[secret(end="2036-06-01T00:00:00Z")]), {APP_IS: "fail"}),
        ("two years", app(secret("2026-06-01T00:00:00Z", "2028-06-01T00:00:00Z")), {APP_IS: "pass"}),
        ("none", app(), {APP_IS: "not_applicable"}),
        ("not a time", app(secret(end="soon")), {APP_IS: "unknown"}),
        ("start absent", app(secret(start=None)), {APP_IS: "unknown"}),
        ("lists absent", {"applications": [{"id": APP}]}, {APP_IS: "unknown"}),
        ("no applications", {"applications": []}, {DIRECTORY: "not_applicable"}),
        ("forbidden", {}, {DIRECTORY: "unknown"}, {"gaps": [gap("applications")]}),
    ),
]  # fmt: skip
IMPOSSIBLE = {MOVE: {"not_applicable": "every directory has this policy"}}
ABSENCE_PASSES = [
    (MOVE, r"properties\.exemptedPrincipals(\[\])?", "nobody is exempted"),
    (STALE, r"signInActivity\..*", "one of the times is enough"),
]
OFFICIAL_VERDICTS = """
identity-app-cred-expiry not_applicable: 03ef14b0
identity-stale-users unknown: unit  # the example shows no sign-in
identity-subscription-transfer pass: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Entra admin center › Entra ID › App registrations › the application › Certificates & secrets",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity-platform/how-to-add-credentials.md",
            "09040cc1f06abf331af4aee676f76381cac0c4ab",
            "in App registrations, select your application",
            "Select Certificates & secrets",
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Users › All users › the user › Properties",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/fundamentals/how-to-manage-user-profile-info.md",
            "062841729e140cc457d264ee7f2fb7f60b3995a8",
            "Browse to Identity > Users > All users",
            "select Properties",
        ),
    ),
    ComparedPath(
        "Azure portal › Subscriptions › Manage Policies",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/cost-management-billing/manage/manage-azure-subscription-policy.md",
            "02d00dc8728a58aaf3d8af94e7223857d9a6155f",
            "Navigate to Subscriptions",
            "Select Manage Policies to view details",
        ),
    ),
]
