"""Manual controls: a person attests that role assignments were reviewed, that administrators use separate accounts, and
that certain settings, which no API shows, are right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Answer, Control, per_scope
from assessments.controls.docstrings import Doc
from assessments.controls.references import Partly, References
from assessments.controls.shared.role_holders import DIRECTORY_ROLES, directory_roles, users_by_id
from assessments.controls.verdict import Severity, Verdict, manual, passed
from assessments.estate.collections.access import ROLE_ASSIGNMENTS
from assessments.estate.collections.directory import (
    DIRECTORY_ROLE_ASSIGNMENTS,
    DIRECTORY_ROLE_ELIGIBILITIES,
    USERS,
)
from assessments.estate.estate import UnitKind
from assessments.estate.gaps import Reason
from assessments.estate.identity.roles import role_key, scope_kind
from assessments.estate.ids import fold
from assessments.fixes.declare import Fix, advice

# https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference#tenant-creator
_TENANT_CREATOR: Final = "112ca1a2-15ad-4102-995e-45b0bc479a6a"
_STALE: Final = timedelta(days=365)
_REVIEWS: Final = (
    "Entra admin center › Identity governance › Privileged Identity Management"
    " › Azure resources › Access reviews"
)
_REVIEWS_PAGE: Final = (
    "https://learn.microsoft.com/entra/id-governance/privileged-identity-management"
    "/pim-create-roles-and-resource-roles-review"
)
_ROLES: Final = "Entra admin center › Entra ID › Roles & admins"
_ROLES_PAGE: Final = (
    "https://learn.microsoft.com/entra/identity/role-based-access-control/manage-roles-portal"
)
_ATTESTED: Final = "The control does not check the setting: a person attests that the requirement is met"


def _digest(rows: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


def _role_assignments(ctx: Context) -> Verdict:
    rows: set[str] = set()
    people = stale = missing = 0
    for view in ctx.documents(ROLE_ASSIGNMENTS):
        principal = fold(view.text("properties.principalId"))
        kind = view.text("properties.principalType").casefold()
        scope = view.text("properties.scope")
        row = f"{principal} {role_key(view.text('properties.roleDefinitionId'))} {fold(scope)}"
        if row in rows:
            continue
        rows.add(row)
        people += kind == "user" and scope_kind(scope) == "subscription"
        missing += kind == "user" and principal not in users_by_id(ctx)
        stale += view.has("properties.updatedOn") and ctx.now - view.time("properties.updatedOn") > _STALE
    ctx.require_complete(USERS)
    remarks = [
        f"{text}: {number:,}"
        for text, number in (
            ("Roles that are assigned to people, not to groups, for the whole subscription", people),
            ("Roles of people who are not in the directory", missing),
            ("Roles that were assigned over a year ago", stale),
        )
        if number
    ]
    return manual(
        "Attest that every role assignment was reviewed and is needed",
        remarks=remarks,
        roleAssignments=len(rows),
        listSha256=_digest(rows),
    )


ROLE_ASSIGNMENTS_REVIEW = per_scope(
    needs=(ROLE_ASSIGNMENTS, USERS),
    slug="identity-role-assignments-review",
    doc=Doc(
        "Role assignments in Azure are reviewed",
        "Role assignments in Azure not reviewed",
        "An attested review of all role assignments that is at most 90 days old",
        "Needs an attestation. A change of the assignments requires a new one. Remarks count three"
        " kinds of roles: roles for the whole subscription that are assigned to people instead of groups; roles of"
        " people who are not in the directory; and roles that were assigned over a year ago.",
        "Rights accumulate when people change their tasks, and nobody notices until an account is misused.",
    ),
    fix=Fix(
        advice(
            "Review who has which role, and remove assignments that nobody needs. Then attest in Surety that every role"
            " assignment was reviewed and is needed."
        ),
        portal=_REVIEWS,
        portal_source=_REVIEWS_PAGE,
        cost="Access reviews in Privileged Identity Management need Microsoft Entra ID P2.",
    ),
    severity=Severity.MEDIUM,
    references=References(
        c4="6.3.4",
        c5="5.3.4 5.3.7",
        c6="5.3.4 5.3.7",
        mcsb="PA-4*",
        nist="AC-2* AC-6(7)*",
        partly=(Partly("c4 c5 c6", _ATTESTED),),
    ),
    is_manual=True,
    answer=Answer(days=90, bound=True),
)(_role_assignments)


def _daily_use(ctx: Context) -> Verdict:
    found = directory_roles(ctx)
    if found.problems:
        return found.problems[0].verdict
    synchronised, licensed = [], []
    for user in sorted(found.users):
        view = users_by_id(ctx).get(user)
        if view is None:
            continue
        view = view.bound(ctx.trace)
        if view.flag("onPremisesSyncEnabled", default=False):
            synchronised.append(user)
        if view.items("assignedLicenses", default=[]):
            licensed.append(user)
    remarks = [
        f"{text}: {len(users):,}"
        for text, users in (
            ("Administrators whose account comes from the on-premises directory", synchronised),
            ("Administrators whose account has a licence, such as for a mailbox", licensed),
        )
        if users
    ]
    return manual(
        "Attest that administrators use separate accounts for their daily work",
        remarks=remarks,
        synchronisedAdministrators=synchronised,
        licensedAdministrators=licensed,
    )


ADMIN_DAILY_USE = per_scope(
    needs=DIRECTORY_ROLES,
    slug="identity-admin-daily-use",
    doc=Doc(
        "Administrators use separate accounts for their daily work",
        "Separate accounts of administrators not confirmed",
        "An attestation, at most 180 days old, that accounts with administrative roles are not used for daily work",
        "Needs an attestation. Two remarks help: the number of administrators whose account is synchronized from the"
        " on-premises directory, and the number whose account has a licence (one for Privileged Identity Management"
        " counts too). Synchronized or licensed accounts are usually those for daily work.",
        "An account that reads mail and opens documents is attacked first. If it also administers the directory, one"
        " wrong click can be enough to lose everything.",
    ),
    fix=Fix(
        advice(
            "Give administrators a second account that exists only in the cloud. Then attest in Surety that they use"
            " separate accounts."
        ),
        portal=_ROLES,
        portal_source=_ROLES_PAGE,
        effects="Administrators must also register a method for MFA for the new account.",
    ),
    severity=Severity.MEDIUM,
    labels={
        "licensedAdministrators": "Administrators with a licence",
        "synchronisedAdministrators": "Synchronized administrators",
    },
    references=References(
        c4="6.3.1",
        c5="5.3.1",
        c6="5.3.1",
        mcsb="PA-4*",
        nist="AC-2* AC-6(7)*",
        partly=(Partly("c4 c5 c6", _ATTESTED),),
    ),
    is_manual=True,
    answer=Answer(days=180),
)(_daily_use)


def _tenant_creators(ctx: Context) -> Verdict:
    holders: set[str] = set()
    for collection in (DIRECTORY_ROLE_ASSIGNMENTS, DIRECTORY_ROLE_ELIGIBILITIES):
        documents, gaps = ctx.partial(collection)
        for gap in gaps:
            # If the directory has no licence for Privileged Identity Management, nobody has eligible assignments.
            if collection is DIRECTORY_ROLE_ASSIGNMENTS or gap.reason is not Reason.LICENCE_MISSING:
                raise CollectionUnavailable(gap)
        for view in documents:
            if role_key(view.text("roleDefinitionId")) == _TENANT_CREATOR:
                holders.add(fold(view.text("principalId")))
    if not holders:
        return passed("Nobody has the role Tenant Creator", tenantCreators=[])
    return manual(
        "Attest that everybody with the role Tenant Creator needs it",
        tenantCreators=sorted(holders),
        listSha256=_digest(holders),
    )


TENANT_CREATOR_REVIEW = per_scope(
    needs=(DIRECTORY_ROLE_ASSIGNMENTS, DIRECTORY_ROLE_ELIGIBILITIES),
    slug="identity-tenant-creator-review",
    doc=Doc(
        "People with the role Tenant Creator are reviewed",
        "People with the role Tenant Creator not reviewed",
        "Nobody has the role Tenant Creator; otherwise, an attestation, at most a year old, states that everybody with"
        " the role needs it",
        "The users, groups and applications with the directory role Tenant Creator, active or eligible (PIM). Passes if"
        " there is none. Otherwise needs an attestation, and a change of the list requires a new one.",
        "A user who creates a directory becomes its Global Administrator, and nobody else watches this directory.",
    ),
    fix=Fix(
        advice(
            "Remove the role from everybody who does not need it. Then attest in Surety that everybody who still has"
            " the role needs it."
        ),
        portal=f"{_ROLES} › the role Tenant Creator",
        portal_source=_ROLES_PAGE,
        effects="People who lose the role can no longer create directories, if the setting for all users forbids it.",
    ),
    severity=Severity.LOW,
    labels={"tenantCreators": "Tenant creators"},
    references=References(
        c5="5.3.6",
        c6="5.3.6",
        mcsb="PA-4*",
        nist="AC-2* AC-6(7)*",
        partly=(
            Partly("c5 c6", "A person attests that the role is needed; the control only lists who has it"),
        ),
    ),
    is_manual=True,
    answer=Answer(days=365, bound=True),
)(_tenant_creators)


def _setting(slug: str, doc: Doc, verdict: Verdict, fix: Fix, references: References) -> Control:
    """Declare a control of settings that no API shows. `verdict` asks for the attestation and depends on no data."""

    def rule(ctx: Context) -> Verdict:
        return verdict

    rule.__module__ = __name__
    return per_scope(
        needs=(),
        unit=UnitKind.DIRECTORY,
        slug=slug,
        doc=doc,
        severity=Severity.LOW,
        fix=fix,
        references=references,
        is_manual=True,
        answer=Answer(days=180),
    )(rule)


_NO_API: Final = "Needs an attestation, because no API shows the setting to applications."

MFA_REMEMBER = _setting(
    "identity-mfa-remember-devices",
    Doc(
        "MFA is not skipped on remembered devices",
        "Setting for remembered devices not confirmed",
        "An attestation, at most 180 days old, that users cannot let MFA be remembered on trusted devices",
        _NO_API,
        "On a remembered device, the password alone is enough for many days.",
    ),
    manual("Attest that MFA is not remembered on trusted devices"),
    Fix(
        advice(
            "Clear “Allow users to remember multifactor authentication on devices they trust”. Then attest in"
            " Surety that the box is cleared."
        ),
        portal="Entra admin center › Entra ID › Multifactor authentication › Getting started › Configure › Additional"
        " cloud-based multifactor authentication settings",
        portal_source="https://learn.microsoft.com/entra/identity/authentication/concept-authentication-methods-manage",
        effects="Users have to use MFA more often. To set how often, use Conditional Access.",
    ),
    References(
        c2="1.1.4",
        c3="2.1.4",
        c4="6.1.3",
        c5="5.1.3",
        c6="5.1.4",
        partly=(Partly("c2 c3 c4 c5 c6", _ATTESTED),),
    ),
)

SSPR_SETTINGS = _setting(
    "identity-sspr-settings",
    Doc(
        "Resetting a password takes two methods, and is reported",
        "Settings for resetting passwords not confirmed",
        "An attestation, at most 180 days old, that resetting a password takes two methods, that users confirm their"
        " methods regularly, and that users and administrators are notified of resets",
        _NO_API,
        "If one method, such as a telephone number, is enough, anyone who controls it can set a password unnoticed.",
    ),
    manual("Attest the settings for resetting passwords"),
    Fix(
        advice(
            "Require two methods for a reset, let users confirm their methods again at least every 180 days, and"
            " notify users and administrators of resets. Then attest in Surety that these settings are made."
        ),
        portal="Entra admin center › Entra ID › Password reset › Authentication methods",
        portal_source="https://learn.microsoft.com/entra/identity/authentication/concept-authentication-methods-manage",
        effects="Users who have registered only one method have to register a second one before they can reset their"
        " password.",
    ),
    References(
        c2="1.6 1.8 1.9 1.10",
        c3="2.5 2.9 2.10 2.11",
        c4="6.5 6.9 6.10 6.11",
        c5="5.5 5.9 5.10 5.11",
        partly=(Partly("c2 c3 c4 c5", _ATTESTED),),
    ),
)

PORTAL_RESTRICTIONS = _setting(
    "identity-portal-restrictions",
    Doc(
        "Access of ordinary users to the admin center and to groups is restricted",
        "Restrictions of the admin center not confirmed",
        "An attestation, at most 180 days old, that ordinary users have only restricted access to the Microsoft Entra"
        " admin center and to groups in My Groups",
        _NO_API,
        "The admin center shows who is in the organization and which groups exist. The restriction makes looking around"
        " harder, but it does not protect the data itself.",
    ),
    manual("Attest that the admin center and groups are restricted for ordinary users"),
    Fix(
        advice(
            "Restrict the access of ordinary users to the admin center, and to groups in My Groups. Then attest in"
            " Surety that both are restricted."
        ),
        portal="Entra admin center › Entra ID › Users › User settings › Restrict access to Microsoft Entra"
        " administration portal › Yes",
        portal_source="https://learn.microsoft.com/entra/fundamentals/users-default-permissions",
        effects="Users who own groups can no longer manage them in the admin center.",
    ),
    References(
        c2="1.17 1.18 1.20",
        c3="2.17 2.18 2.20",
        c4="6.17 6.18 6.20",
        c5="5.17 5.18 5.20",
        partly=(Partly("c2 c3 c4 c5", _ATTESTED),),
    ),
)

CONTROLS = (
    ROLE_ASSIGNMENTS_REVIEW,
    ADMIN_DAILY_USE,
    TENANT_CREATOR_REVIEW,
    MFA_REMEMBER,
    SSPR_SETTINGS,
    PORTAL_RESTRICTIONS,
)
