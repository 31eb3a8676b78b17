"""The control identity-auth-methods-strong: Strong sign-in methods are enabled, and weak methods are not.

Sources: https://learn.microsoft.com/graph/api/resources/authenticationmethodspolicy and
https://learn.microsoft.com/entra/identity/authentication/concept-authentication-methods-manage

In the public cloud, Microsoft retires sign-in with text messages and calls:
https://learn.microsoft.com/entra/identity/authentication/concept-sms-voice-retirement-faq
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, per_scope
from assessments.controls.docstrings import Doc
from assessments.controls.references import Partly, References
from assessments.controls.shared.directory import directory_setting
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.directory import AUTHENTICATION_METHODS_POLICY
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice

_STRONG: Final = ("fido2", "microsoftauthenticator", "x509certificate")
_WEAK: Final = ("sms", "voice")
_PUBLIC_CLOUD: Final = "AzureCloud"
_EVERYBODY: Final = "all_users"
_END: Final = (
    "Microsoft itself sends text messages and makes calls only until 1 February 2027 (for Global Administrators and"
    " external users, until 1 July 2027)"
)
_CAMPAIGN: Final = "registrationEnforcement.authenticationMethodsRegistrationCampaign.state"


@dataclass(frozen=True, slots=True)
class _Method:
    """An enabled sign-in method. If `for_all` and `for_nobody` are both False, only some groups or users may use the
    method.
    """

    name: str
    for_all: bool
    for_nobody: bool


@per_scope(
    needs=(AUTHENTICATION_METHODS_POLICY,),
    doc=Doc(
        "Strong sign-in methods are enabled, and weak ones are not",
        "Weak sign-in methods enabled, or no strong one",
        "Passkeys, Microsoft Authenticator or certificates are enabled, and text messages and voice calls are not"
        " enabled for all users",
        "The authentication methods policy. Fails if none of `Fido2`, `MicrosoftAuthenticator` and `X509Certificate` is"
        " enabled. Unless `allow_sms_voice` is on, also fails if `Sms` or `Voice` is enabled for all users. A method"
        " that is not in the list is not enabled. Remarks say if no strong method is enabled for all users, if the"
        " registration campaign is switched off, and if older settings for MFA and password reset still apply. Another"
        " remark says if weak methods are enabled for some users or, with `allow_sms_voice`, for all users. If weak"
        " methods are enabled in the public cloud, a remark says that Microsoft itself sends text messages and makes"
        " calls only until 1 February 2027 (1 July 2027 for Global Administrators and external users).",
        "Codes in text messages and calls can be intercepted, and users can be tricked into reading them out.",
    ),
    fix=Fix(
        advice("Enable Passkey (FIDO2) or Microsoft Authenticator for all users, and let users register."),
        advice("After that, disable SMS and Voice calls, or limit them to a group that needs them."),
        portal="Entra admin center › Entra ID › Authentication methods › Policies",
        portal_source="https://learn.microsoft.com/entra/identity/authentication/concept-authentication-methods-manage",
        effects="Users who have registered only a telephone number can no longer use MFA: let them register a strong"
        f" method first. In the public cloud, {_END}.",
    ),
    severity=Severity.MEDIUM,
    labels={"strongMethods": "Strong methods enabled", "weakMethods": "Weak methods enabled"},
    references=References(
        c5="5.28",
        mcsb="IM-6*",
        nist="IA-2(1)* IA-5*",
        partly=(
            Partly(
                "c5",
                "The requirement asks that passkeys are considered; the control also accepts other methods",
            ),
        ),
    ),
    parameters=(
        Parameter(
            "allow_sms_voice",
            False,
            "Accept text messages and voice calls for all users",
            label="Accept text messages and voice calls",
        ),
    ),
)
def auth_methods_strong(ctx: Context) -> Verdict:
    """Judge which sign-in methods are enabled, and for whom."""
    policy = directory_setting(ctx, AUTHENTICATION_METHODS_POLICY)
    enabled: dict[str, _Method] = {}
    first_error: Unreadable | None = None
    configurations = policy.items("authenticationMethodConfigurations")
    if not configurations:
        raise policy.unreadable("authenticationMethodConfigurations", "empty")
    for one in configurations:
        try:
            method = _enabled(one)
        except Unreadable as error:
            first_error = first_error or error
        else:
            if method is not None:
                enabled[method.name.casefold()] = method
    strong = [enabled[key] for key in _STRONG if key in enabled and not enabled[key].for_nobody]
    weak = [enabled[key] for key in _WEAK if key in enabled]
    observed = {
        "strongMethods": sorted(method.name for method in strong),
        "weakMethods": sorted(method.name for method in weak),
    }
    weak_for_all = any(method.for_all for method in weak)
    if weak_for_all and not ctx.params["allow_sms_voice"]:
        return failed(
            "Text messages or voice calls are enabled for all users",
            remarks=[_END] if _end_soon(ctx, weak) else [],
            **observed,
        )
    if first_error is not None:
        raise first_error
    if not strong:
        return failed("No strong sign-in method is enabled", **observed)
    remarks = _remarks(policy, strong, weak)
    if _end_soon(ctx, weak):
        remarks.append(_END)
    if weak_for_all:
        return passed(
            "A strong sign-in method is enabled. The control’s parameters permit text messages and voice calls for all"
            " users",
            remarks=remarks,
            **observed,
        )
    return passed(
        "A strong sign-in method is enabled, and no weak sign-in method is enabled for all users",
        remarks=remarks,
        **observed,
    )


def _end_soon(ctx: Context, weak: list[_Method]) -> bool:
    """Return whether the directory is in the public cloud and has text messages or calls enabled. Microsoft retires
    these two methods in the public cloud, and has announced no date for other clouds.
    """
    return ctx.estate.cloud == _PUBLIC_CLOUD and any(not method.for_nobody for method in weak)


def _enabled(configuration: View) -> _Method | None:
    """Return the configured method. Return None if the method is disabled, or is neither strong nor weak."""
    name = configuration.text("id")
    if configuration.choice("state", {"enabled", "disabled"}) == "disabled":
        return None
    if name.casefold() not in (*_STRONG, *_WEAK):
        return None
    targets = [target.text("id").casefold() for target in configuration.items("includeTargets", default=[])]
    return _Method(name, _EVERYBODY in targets, not targets)


def _remarks(policy: View, strong: list[_Method], weak: list[_Method]) -> list[str]:
    remarks = []
    if any(method.for_nobody for method in weak):
        remarks.append("Text messages or voice calls are enabled, but for nobody")
    if any(method.for_all for method in weak):
        remarks.append("Text messages or voice calls are enabled for all users")
    elif any(not method.for_nobody for method in weak):
        remarks.append("Text messages or voice calls are enabled for some users")
    if not any(method.for_all for method in strong):
        remarks.append("No strong method is enabled for all users")
    campaign = policy.text(_CAMPAIGN, default="").casefold()
    if campaign == "disabled":
        remarks.append("The campaign that asks users to register a strong method is switched off")
    migration = policy.text("policyMigrationState", default="").casefold()
    if migration and migration != "migrationcomplete":
        remarks.append(
            "The older settings for MFA and password reset still apply until the migration is complete; Surety cannot"
            " read them"
        )
    return remarks
