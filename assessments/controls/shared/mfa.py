"""Judge whether a user has multifactor authentication (MFA). The main source is Microsoft Entra's report on the methods
that users have registered. Guests also pass if this directory trusts the MFA of their home directory. Without a licence
for the report, users pass if security defaults are on.

Report: https://learn.microsoft.com/graph/api/resources/userregistrationdetails. The report needs Entra ID P1, and is
some hours old. The report does not show MFA outside of Microsoft Entra ID, such as external MFA and the MFA of a
federation server:
https://learn.microsoft.com/entra/identity/authentication/howto-authentication-methods-activity and
https://learn.microsoft.com/entra/identity/authentication/how-to-authentication-external-method-manage
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, unknown_from
from assessments.controls.shared.directory import directory_setting, is_federated
from assessments.controls.verdict import Verdict, failed, not_applicable, passed, unknown
from assessments.estate.collections.directory import (
    AUTHENTICATION_METHODS_POLICY,
    CROSS_TENANT_PARTNERS,
    CROSS_TENANT_POLICY,
    DOMAINS,
    FEDERATION,
    HOME_TENANTS,
    MFA_REGISTRATIONS,
    SECURITY_DEFAULTS,
    USERS,
)
from assessments.estate.gaps import Reason
from assessments.estate.identity.guests import home_domain, signs_in_elsewhere
from assessments.estate.ids import fold
from assessments.estate.view import Trace, Unreadable, View

UNREPORTED_NEEDS = (DOMAINS, FEDERATION, AUTHENTICATION_METHODS_POLICY)
"""The collections that `may_use_federated_mfa` and `permits_external_mfa` need."""

MFA_NEEDS = (
    MFA_REGISTRATIONS,
    USERS,
    SECURITY_DEFAULTS,
    CROSS_TENANT_POLICY,
    CROSS_TENANT_PARTNERS,
    *UNREPORTED_NEEDS,
)
"""The collections that `judge_mfa` needs."""

MFA_OPTIONAL = (HOME_TENANTS,)
"""The collections that `judge_mfa` also reads if this directory trusts the MFA of only some partner directories."""

EXCLUDED = Parameter(
    "excluded",
    "",
    "Object ids of users who do not count, such as service accounts, separated by `;`",
    label="Users who do not count",
)

_REJECTS = "rejectmfabyfederatedidp"
_CONFIGURATION = "authenticationmethodconfiguration"
WEAK_METHODS = frozenset(
    {"mobilephone", "alternatemobilephone", "officephone", "email", "sms", "voice", "securityquestion"}
)
"""Methods that are easily phished or intercepted, as the registration report names them."""


def is_guest(user: View) -> bool:
    """Return whether the user is a B2B guest. A guest has the `userType` Guest or, if the type was changed to
    Member, `#EXT#` in the user principal name.
    """
    # Graph returns null for accounts that are older than the property `userType`. Such accounts are members.
    if user.choice("userType", {"member", "guest"}, default="member") == "guest":
        return True
    return signs_in_elsewhere(user.text("userPrincipalName"))


def is_agent(user: View) -> bool:
    """Return whether an agent of Microsoft Entra Agent ID uses the account. Such an account has neither a password nor
    methods for MFA, and signs in only with the credentials of the agent.

    `identityParentId` is the id of the agent: https://learn.microsoft.com/graph/api/resources/agentuser and
    https://learn.microsoft.com/entra/agent-id/agent-users
    """
    return bool(user.text("identityParentId", default=""))


def excluded_by_policy(ctx: Context, user: View | None) -> bool:
    """Return whether the parameter `excluded` contains the user's id. Names are not compared: evidence masks them, so a
    re-performance could not compare them.
    """
    named = {fold(part) for part in str(ctx.params["excluded"]).split(";")} - {""}
    return user is not None and fold(user.id) in named


def registrations(ctx: Context) -> dict[str, View]:
    """Return {user id in lower case: registration details of the user}. Details without a user's id have the key ""."""
    return ctx.memo(
        "MFA registrations",
        lambda: {fold(view.id): view for view in ctx.estate.documents(MFA_REGISTRATIONS.name)},
    )


def judge_mfa(ctx: Context, user_id: str, user: View | None, trace: Trace, **observed: Any) -> Verdict:
    """Judge whether a user has usable MFA. Raise Unreadable or CollectionUnavailable if needed data could not be read.

    `observed` are values that say why the user is judged, such as the user's roles. `user` is None if the list of
    users does not contain the user.
    """
    if user is None:
        if gap := ctx.first_gap(USERS):
            raise CollectionUnavailable(gap)
        if nameless := [view for view in ctx.estate.documents(USERS.name) if not view.id]:
            raise nameless[0].unreadable("id", "absent")
        # A registration without a user's id (under the key "") could belong to this user.
        if {fold(user_id), ""} & registrations(ctx).keys():
            text = "The registration report contains the user, but the list of users does not"
            return unknown(text, Reason.UNDECIDED, **observed)
        # The list of users lacks users of other directories, so this user may belong to one of them.
        text = (
            "The user is not in this directory: the account was deleted, or belongs to another directory. Remove the"
            " role assignment if nobody needs it"
        )
        return unknown(text, Reason.UNDECIDED, **observed)
    user = user.bound(trace)
    if verdict := _without_need(user, observed):
        return verdict
    registration = registrations(ctx).get(fold(user_id))
    if registration is None:
        return _without_registration(ctx, observed)
    registration = registration.bound(trace)
    capable = registration.flag("isMfaCapable")
    methods = sorted(registration.texts("methodsRegistered", default=[]))
    registration.raw("lastUpdatedDateTime")
    observed |= {"isMfaCapable": capable, "methodsRegistered": methods}
    if capable:
        weak = bool(methods) and all(method.casefold() in WEAK_METHODS for method in methods)
        remarks = ["All registered methods are weak: text message, voice call or email"] if weak else []
        return passed("MFA is registered and usable", remarks=remarks, **observed)
    trusted = is_guest(user) and _home_mfa_trusted(ctx, user, trace)
    if trusted is None:
        text = "Only some partners' MFA is trusted, and the home directory of the guest is unknown"
        return unknown(text, Reason.UNDECIDED, **observed)
    if trusted:
        remarks = [
            "Guest: the MFA of the home directory is trusted, but its registration is not visible here"
        ]
        return passed("MFA in the guest's home directory is accepted", remarks=remarks, **observed)
    if verdict := _unreported(ctx, user, observed):
        return verdict
    if registration.raw("isMfaRegistered") is True:
        return failed("A policy blocks the registered MFA method, so MFA cannot be used", **observed)
    return failed("No usable MFA method is registered", **observed)


def _without_need(user: View, observed: dict[str, Any]) -> Verdict | None:
    if not user.flag("accountEnabled"):
        return not_applicable("The account is disabled", **observed)
    if is_agent(user):
        return not_applicable("The account belongs to an agent; it cannot use MFA", **observed)
    return None


def _unreported(ctx: Context, user: View, observed: dict[str, Any]) -> Verdict | None:
    """Return an unknown verdict if the user may use MFA that the registration report does not show."""
    if may_use_federated_mfa(ctx, user):
        return unknown(
            "No MFA is registered in Microsoft Entra ID, but Microsoft Entra ID may accept MFA of the federation"
            " server of the user’s domain. Surety cannot read whether this server asks for MFA",
            Reason.UNDECIDED,
            **observed,
        )
    if permits_external_mfa(ctx):
        return unknown(
            "No MFA is registered in Microsoft Entra ID, but the directory permits external MFA, which the"
            " registration report does not show",
            Reason.UNDECIDED,
            **observed,
        )
    return None


def may_use_federated_mfa(ctx: Context, user: View) -> bool:
    """Return whether the user signs in at a federation server and Entra ID may accept MFA of this server. Surety cannot
    read whether the server asks the user for MFA. Raise CollectionUnavailable or Unreadable if needed data could not be
    read.

    With `rejectMfaByFederatedIdp`, Entra ID accepts no MFA of the server, and performs MFA itself. With every other
    setting, it may accept MFA of the server:
    https://learn.microsoft.com/graph/api/resources/internaldomainfederation#federatedidpmfabehavior-values
    """
    ctx.require_complete(DOMAINS)
    domains = ctx.memo(
        "domains by name", lambda: {fold(view.id): view for view in ctx.estate.documents(DOMAINS.name)}
    )
    listed = domains.get(fold(user.text("userPrincipalName").rpartition("@")[2]))
    if listed is None or not is_federated(listed.bound(ctx.trace)):
        return False
    settings = ctx.documents_at(FEDERATION, listed.id)
    return not settings or any(
        one.text("federatedIdpMfaBehavior", default="").casefold() != _REJECTS for one in settings
    )


def permits_external_mfa(ctx: Context) -> bool:
    """Return whether the directory permits external MFA, the MFA of another provider, for some users. Surety cannot
    read which users have registered it. Raise CollectionUnavailable or Unreadable if needed data could not be read.

    Source: https://learn.microsoft.com/graph/api/resources/externalauthenticationmethodconfiguration
    """
    gap = ctx.gap_at(AUTHENTICATION_METHODS_POLICY, "")
    if gap is not None and gap.reason is Reason.NOT_FOUND:
        return False
    policy = directory_setting(ctx, AUTHENTICATION_METHODS_POLICY)
    methods = policy.items("authenticationMethodConfigurations")
    if not methods:
        raise policy.unreadable("authenticationMethodConfigurations", "empty")
    return any(
        _is_external(method)
        and method.choice("state", {"enabled", "disabled"}) == "enabled"
        and bool(method.items("includeTargets"))
        for method in methods
    )


def _is_external(method: View) -> bool:
    kind = method.text("@odata.type")
    if not kind.casefold().endswith(_CONFIGURATION):
        raise method.unknown_value("@odata.type", kind)
    return kind.rpartition(".")[2].casefold() == f"external{_CONFIGURATION}"


def _without_registration(ctx: Context, observed: dict[str, Any]) -> Verdict:
    gap = ctx.first_gap(MFA_REGISTRATIONS)
    if gap is None:
        return unknown(
            "The user is missing from the registration report, which is some hours old",
            Reason.UNDECIDED,
            **observed,
        )
    if gap.reason is Reason.LICENCE_MISSING and security_defaults(ctx):
        text = (
            "Security defaults require MFA for everybody; registrations are not visible without Entra ID P1"
        )
        return passed(text, securityDefaults=True, **observed)
    return replace(unknown_from(CollectionUnavailable(gap)), observed=observed)


def security_defaults(ctx: Context) -> bool:
    """Return whether security defaults are on. If the setting could not be read, return False."""
    try:
        policy = ctx.single(SECURITY_DEFAULTS, "")
        return policy is not None and policy.flag("isEnabled")
    except (CollectionUnavailable, Unreadable):
        # The result is used only if the registration report has a gap. With False, the verdict becomes unknown because
        # of this gap.
        return False


def _home_mfa_trusted(ctx: Context, user: View, trace: Trace) -> bool | None:
    """Return whether this directory trusts the MFA of a guest's home directory. Return None if the settings differ
    between home directories and the guest's home directory is not known.

    The setting for a partner directory overrides the default setting. Source:
    https://learn.microsoft.com/graph/api/resources/crosstenantaccesspolicyconfigurationpartner
    """
    if not signs_in_elsewhere(user.text("userPrincipalName")):
        return False
    policy = ctx.single(CROSS_TENANT_POLICY, "")
    default = False
    if policy is not None:
        default = policy.bound(trace).object("inboundTrust", default={}).flag("isMfaAccepted", default=False)
    own: dict[str, bool] = {}
    for document in ctx.documents(CROSS_TENANT_PARTNERS):
        partner = document.bound(trace)
        trust = partner.object("inboundTrust", default={})
        if trust.has("isMfaAccepted"):
            own[fold(partner.text("tenantId"))] = trust.flag("isMfaAccepted")
    if all(accepted == default for accepted in own.values()):
        return default
    home = _home_tenant(ctx, user, trace)
    return None if home is None else own.get(home, default)


def _home_tenant(ctx: Context, user: View, trace: Trace) -> str | None:
    """Return the GUID of a guest's home directory. Return an empty text if the guest's domain belongs to no directory,
    and None if the home directory was not read.
    """
    domain = home_domain(user.text("userPrincipalName"))
    documents, gap = ctx.partial_at(HOME_TENANTS, domain)
    if not domain or gap is not None:
        return None
    return fold(documents[0].bound(trace).text("tenantId")) if documents else ""
