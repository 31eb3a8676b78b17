"""Controls of user consent: whether users may permit applications to access the data of the organization, and which
applications they may permit.

Sources: https://learn.microsoft.com/graph/api/resources/defaultuserrolepermissions,
https://learn.microsoft.com/entra/identity/enterprise-apps/configure-user-consent and
https://learn.microsoft.com/graph/api/resources/permissiongrantconditionset
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_scope
from assessments.controls.docstrings import Doc
from assessments.controls.references import Partly, References
from assessments.controls.shared.directory import directory_setting
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.directory import AUTHORIZATION_POLICY, PERMISSION_GRANT_POLICIES
from assessments.estate.gaps import Gap, Reason
from assessments.estate.identity.consent import LEGACY, LOW, consent_policies, is_about_owned_resources
from assessments.estate.ids import fold
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, graph
from assessments.fixes.facts import Facts

_PORTAL: Final = (
    "Entra admin center › Entra ID › Enterprise apps › Consent and permissions › User consent settings"
)
_PAGE: Final = "https://learn.microsoft.com/entra/identity/enterprise-apps/configure-user-consent"
# The classifications of permissions, and `all`, which means any permission, classified or not:
# https://learn.microsoft.com/graph/api/resources/delegatedpermissionclassification
# https://learn.microsoft.com/graph/api/resources/permissiongrantconditionset
_CLASSIFICATIONS: Final = frozenset({"low", "medium", "high", "all"})
_REVOKE: Final = (
    "Consents that users gave before remain valid: review them, and revoke those that nobody needs. Switch the admin"
    " consent workflow on, so that users can request an application."
)


def _kept(body: Mapping[str, Any], facts: Facts) -> Mapping[str, Any]:
    """Return the body of a fix, extended by the assigned policies for resources that users own. The request
    replaces the whole list of assigned policies, so it would remove policies that are not in the body.
    """
    permissions = body["defaultUserRolePermissions"]
    kept = [name for name in facts.texts("permissionGrantPoliciesAssigned") if is_about_owned_resources(name)]
    assigned = [*permissions["permissionGrantPoliciesAssigned"], *kept]
    return {"defaultUserRolePermissions": {**permissions, "permissionGrantPoliciesAssigned": assigned}}


def _fix(*policies: str, intro: str) -> Fix:
    return Fix(
        graph(
            "PATCH",
            "/v1.0/policies/authorizationPolicy",
            "Policy.ReadWrite.Authorization",
            intro=intro,
            body={"defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": list(policies)}},
            adapt=_kept,
        ),
        portal=_PORTAL,
        portal_source=_PAGE,
        effects=_REVOKE,
    )


def _assigned(ctx: Context) -> tuple[View, list[str], list[str]]:
    """Return three values: the authorization policy, the names of all assigned permission grant policies, and the ids
    of those assigned policies that permit users to consent.
    """
    policy = directory_setting(ctx, AUTHORIZATION_POLICY)
    names = policy.texts("defaultUserRolePermissions.permissionGrantPoliciesAssigned")
    return policy, names, consent_policies(names)


@per_scope(
    needs=(AUTHORIZATION_POLICY,),
    slug="identity-no-user-consent",
    doc=Doc(
        "Users cannot consent to applications",
        "Users can consent to applications that read company data",
        "Only administrators can consent to applications",
        "`defaultUserRolePermissions.permissionGrantPoliciesAssigned` of the authorization policy. Passes if the list"
        " has no policy, or only policies for resources that a user owns, such as teams"
        " (`ManagePermissionGrantsForOwnedResource`). Any other policy permits users to consent, so the control fails."
        " If the property is absent, the verdict is unknown.",
        "An attacker who persuades a user to consent to an application reads that user’s mail and files without a"
        " password and without MFA.",
    ),
    fix=_fix(intro="Permit no consent by users. Policies for resources that users own stay assigned."),
    severity=Severity.MEDIUM,
    references=References(c2="1.11", c3="2.12", c4="6.12", c5="5.12", mcsb="PA-7*", nist="AC-3* CM-11*"),
)
def no_user_consent(ctx: Context) -> Verdict:
    policy, names, found = _assigned(ctx)
    risky = policy.flag("allowUserConsentForRiskyApps", default=False)
    remarks = ["Users may even consent to applications that Microsoft considers risky"] if risky else []
    if found:
        return failed(
            "Users can consent to applications", remarks=remarks, permissionGrantPoliciesAssigned=names
        )
    return passed("Users cannot consent to applications", permissionGrantPoliciesAssigned=names)


@per_scope(
    needs=(AUTHORIZATION_POLICY, PERMISSION_GRANT_POLICIES),
    slug="identity-consent-verified-only",
    doc=Doc(
        "Users can consent only to verified applications and harmless permissions",
        "Users can consent to unverified applications or to any permission",
        "Users cannot consent, or they can consent only to permissions of low impact for applications of verified"
        " publishers or of their own directory",
        "The policies that permit users to consent, from the authorization policy. Without such a policy, the control"
        " passes. `microsoft-user-default-low` passes, and `microsoft-user-default-legacy` fails. Any other policy is"
        " read. Each of its condition sets must limit the applications: to those of verified publishers, of named"
        " publishers or of this directory, or to named applications. Each set must also limit the permissions: to"
        " those classified as low, or to named permissions. Exclusions are not read, because they can only narrow a"
        " policy.",
        "An application of an unknown publisher can have any purpose, whatever its name says.",
    ),
    fix=_fix(
        "managePermissionGrantsForSelf.microsoft-user-default-low",
        intro="Permit consent only for applications of verified publishers and permissions of low impact. Policies for"
        " resources that users own stay assigned.",
    ),
    severity=Severity.MEDIUM,
    labels={"widePolicies": "Policies that permit too much"},
    references=References(
        c2="1.12",
        c3="2.13",
        c4="6.13",
        c5="5.13",
        nist="CM-11*",
        partly=(
            Partly(
                "c2 c3 c4 c5",
                "The control also accepts that users cannot consent at all, and other policies that are equally narrow",
            ),
        ),
    ),
)
def consent_verified_only(ctx: Context) -> Verdict:
    _, names, found = _assigned(ctx)
    if not found:
        return passed("Users cannot consent to applications", permissionGrantPoliciesAssigned=names)
    wide: list[str] = []
    first_error: CollectionUnavailable | Unreadable | None = None
    for name in found:
        if name.casefold() == LOW:
            continue
        try:
            if name.casefold() == LEGACY or not _is_narrow(ctx, name):
                wide.append(name)
        except (CollectionUnavailable, Unreadable) as error:
            first_error = first_error or error
    if wide:
        return failed(
            "A policy permits users to consent to unverified applications or to any permission",
            permissionGrantPoliciesAssigned=names,
            widePolicies=sorted(wide),
        )
    if first_error is not None:
        raise first_error
    return passed(
        "Users can consent only to verified or own applications, for permissions of low impact",
        permissionGrantPoliciesAssigned=names,
    )


def _is_narrow(ctx: Context, name: str) -> bool:
    """Return whether each condition set of a policy limits the applications, for example to those of verified
    publishers, and also limits the permissions: to those of low impact, or to a list of permissions.
    """
    policy = _policy(ctx, name)
    sets = policy.items("includes")
    if not sets:
        raise policy.unreadable("includes", "empty")
    return all(_is_limited(one, ctx.estate.directory_id) for one in sets)


def _policy(ctx: Context, name: str) -> View:
    """Return the policy with the id `name`. Raise CollectionUnavailable if the policy was not found or not read."""
    policy = ctx.single(PERMISSION_GRANT_POLICIES, name)
    if policy is None:
        collection = PERMISSION_GRANT_POLICIES
        gap = Gap(collection.name, name, Reason.NOT_FOUND, permission=collection.permission)
        raise CollectionUnavailable(gap)
    return policy


def _is_limited(conditions: View, directory: str) -> bool:
    applications = (
        conditions.flag("clientApplicationsFromVerifiedPublisherOnly", default=False)
        or _listed(conditions, "clientApplicationIds")
        or _listed(conditions, "clientApplicationPublisherIds")
        or {fold(one) for one in conditions.texts("clientApplicationTenantIds", default=["all"])}
        == {fold(directory)}
    )
    classification = conditions.choice("permissionClassification", _CLASSIFICATIONS, default="all")
    permissions = classification == "low" or _listed(conditions, "permissions")
    return applications and permissions


def _listed(conditions: View, path: str) -> bool:
    """Return whether the conditions apply only to the objects that the list at this path names. Return False if the
    list is absent or empty, or contains `all` or `any`: the conditions may then apply to every object.
    """
    values = {value.strip().casefold() for value in conditions.texts(path, default=["all"])}
    return bool(values) and "all" not in values and "any" not in values
