"""The control identity-password-policy: Password complexity and lockout settings are strong."""

from __future__ import annotations

from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Answer, per_scope
from assessments.controls.references import Partly, References
from assessments.controls.shared.directory import is_federated, without_documents
from assessments.controls.verdict import Severity, Verdict, failed, manual, passed
from assessments.estate.collections.directory import DOMAINS, GROUP_SETTINGS, USERS
from assessments.estate.gap_texts import could_not_read, describe_gap
from assessments.estate.quantities import counted
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, graph

# The template "Password Rule Settings". The limits below are also Microsoft's defaults for a directory without these
# settings. In the clouds in `_DEFAULT_ATTEMPTS`, the default number of attempts is lower.
# https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout
_TEMPLATE = "5cf42378-d67d-4f36-ba46-e8b86229381d"
_MAX_ATTEMPTS, _MIN_LOCKOUT_SECONDS = 10, 60
_DEFAULT_ATTEMPTS = {"AzureUSGovernment": 3, "AzureUSGovernmentDoD": 3}


FIX = Fix(
    graph(
        "PATCH",
        "/v1.0/users/{user_id}",
        "User.ReadWrite.All",
        intro="If an account is exempt from strong passwords, remove the exemption.",
        body={"passwordPolicies": "None"},
        when=lambda facts: bool(facts.texts("disableStrongPassword")),
        each=lambda facts: [{"user_id": user} for user in facts.texts("disableStrongPassword")],
    ),
    advice(
        "Set the lockout threshold to 10 or less and the lockout duration to 60 seconds or more, in the portal."
        " On-premises accounts follow the password policy of the domain. Microsoft Azure operated by 21Vianet has no"
        " lockout settings."
    ),
    portal="Entra admin center › Entra ID › Authentication methods › Password protection",
    portal_source="https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout",
    cost="Custom lockout settings and a custom list of banned passwords need Microsoft Entra ID P1 for the users.",
    effects="Without the exemption, the password of the account expires again if passwords of the domain expire.",
)


@per_scope(
    needs=(DOMAINS, USERS, GROUP_SETTINGS),
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={
        "disableStrongPassword": "Users exempt from strong passwords",
        "lockoutDurationInSeconds": "Lockout duration",
        "lockoutThreshold": "Lockout threshold",
        "synchronisedUsers": "Synchronized users",
    },
    references=References(
        c2="1.7",
        c3="2.6 2.7 2.8",
        c4="6.6 6.7 6.8",
        c5="5.6 5.7 5.8",
        nist="IA-5 IA-5(1)",
        partly=(
            Partly(
                "c2 c3:2.8 c4:6.8 c5:5.8",
                "A missing list of banned passwords only adds a remark; the control does not fail",
            ),
            Partly(
                "c3:2.6 c3:2.7 c4:6.6 c4:6.7 c5:5.6 c5:5.7",
                (
                    "A person attests the on-premises password policy of synchronized and federated accounts; the"
                    " control does not check it"
                ),
            ),
        ),
    ),
    is_manual=True,
    answer=Answer(days=365),
)
def password_policy(ctx: Context) -> Verdict:
    """Password complexity and lockout settings are strong.

    Problem: Weak password or lockout settings
    Expected: No user is exempt from strong passwords; lockout after at most 10 attempts for at least 60
    seconds
    Judged: Microsoft fixes the complexity of cloud account passwords. Fails if a user is exempted by
    `DisableStrongPassword`, if the lockout threshold is over 10 attempts, or if the lockout duration is under 60
    seconds.

    A directory without its own settings has Microsoft's defaults of 10 attempts (3 in Azure Government) and 60 seconds.
    A missing custom list of banned passwords adds a remark.

    Needs an attestation if accounts are federated or synchronized, because the policy of the on-premises directory
    applies to such accounts. An attestation is also needed if the lockout settings cannot be read. If a domain has an
    authentication type that Surety does not know, the verdict is unknown. Passwords that never expire follow current
    guidance and do not fail.
    Why: Short or common passwords are guessed in minutes.
    """
    settings, settings_gap, settings_error = _settings(ctx)
    threshold = _number(settings, "lockoutthreshold", _DEFAULT_ATTEMPTS.get(ctx.estate.cloud, _MAX_ATTEMPTS))
    duration = _number(settings, "lockoutdurationinseconds", _MIN_LOCKOUT_SECONDS)
    domains, domain_gaps = ctx.partial(DOMAINS)
    exempted, synchronized, user_error = _accounts(ctx)
    observed: dict[str, Any] = {
        "disableStrongPassword": exempted,
        "lockoutThreshold": threshold,
        "lockoutDurationInSeconds": duration,
    }
    problems = []
    if exempted:
        problems.append(f"Users exempted from strong passwords (DisableStrongPassword): {len(exempted):,}")
    if threshold is not None and threshold > _MAX_ATTEMPTS:
        problems.append(f"Accounts lock only after {threshold} attempts")
    if duration is not None and duration < _MIN_LOCKOUT_SECONDS:
        problems.append(f"Accounts stay locked for only {counted(duration, 'second')}")
    if problems:
        return failed("; ".join(problems), **observed)
    ctx.require_complete(USERS)
    for gap in domain_gaps:
        raise CollectionUnavailable(gap)
    for error in (settings_error, user_error):
        if error is not None:
            raise error
    _require_numbers(settings, LockoutThreshold=threshold, LockoutDurationInSeconds=duration)
    empty = without_documents(USERS, ctx.estate.documents(USERS.name)) or without_documents(DOMAINS, domains)
    if empty:
        return empty
    federated = sorted(domain.id for domain in domains if is_federated(domain))
    remarks = [] if _has_custom_banned_list(settings) else ["No custom list of banned passwords"]
    if federated or synchronized:
        text = "Attest the password policy of the on-premises directory, which applies to some accounts"
        return manual(
            text, remarks=remarks, federatedDomains=federated, synchronisedUsers=synchronized, **observed
        )
    if settings_gap:
        reason = describe_gap(settings_gap.gap)
        return manual(
            f"Attest the lockout settings, which could not be read: {reason}",
            remarks=[could_not_read("Lockout threshold and lockout duration", reason)],
            **(observed | {"lockoutThreshold": None, "lockoutDurationInSeconds": None}),
        )
    return passed("Microsoft's password rules apply to every account", remarks=remarks, **observed)


def _settings(ctx: Context) -> tuple[dict[str, View], CollectionUnavailable | None, Unreadable | None]:
    """Return three values: the password rule settings by their name in lower case, the error if the settings could not
    be read, and the error for the first property that has an unexpected type or value.
    """
    try:
        documents = ctx.documents(GROUP_SETTINGS)
    except CollectionUnavailable as error:
        return {}, error, None
    try:
        for document in documents:
            if document.text("templateId").casefold() == _TEMPLATE:
                return {item.text("name").casefold(): item for item in document.items("values")}, None, None
    except Unreadable as error:
        return {}, None, error
    return {}, None, None


def _number(settings: dict[str, View], name: str, default: int) -> int | None:
    """Return the value of a setting as a number. If the setting is absent, return `default`. If the value is not a
    number, return None.
    """
    if name not in settings:
        return default
    value = settings[name].raw("value")
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else None


def _require_numbers(settings: dict[str, View], **values: int | None) -> None:
    """Raise Unreadable for the first setting whose value is not a number."""
    for name, value in values.items():
        if value is None:
            raise settings[name.casefold()].unreadable("value", f"not a number ({name})")


def _has_custom_banned_list(settings: dict[str, View]) -> bool:
    check, words = settings.get("enablebannedpasswordcheck"), settings.get("bannedpasswordlist")
    if check is None or words is None:
        return False
    return check.text("value", default="").casefold() == "true" and bool(
        words.text("value", default="").strip()
    )


def _accounts(ctx: Context) -> tuple[list[str], int, Unreadable | None]:
    """Return three values: the ids of the users who are exempted from strong passwords, the number of synchronized
    accounts, and the error for the first user with an unreadable property.
    """
    exempted: list[str] = []
    synchronized, first_error = 0, None
    for user in ctx.estate.documents(USERS.name):
        try:
            # For an account without password policies of its own, the value is null.
            policies = user.text("passwordPolicies", default="").casefold()
            if "disablestrongpassword" in [part.strip() for part in policies.split(",")]:
                # Use the trace only here, so that only exempted users become evidence.
                user.bound(ctx.trace).raw("passwordPolicies")
                exempted.append(user.id)
            synchronized += user.flag("onPremisesSyncEnabled", default=False)
        except Unreadable as error:
            first_error = first_error or error
    return sorted(exempted), synchronized, first_error
