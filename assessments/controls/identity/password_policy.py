"""identity-password-policy."""

from __future__ import annotations

from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Answer, References, per_scope
from assessments.controls.verdict import Severity, Verdict, failed, manual, passed
from assessments.estate.collections.directory import DOMAINS, GROUP_SETTINGS, USERS
from assessments.estate.estate import UnitKind
from assessments.estate.view import Unreadable, View

# The template "Password Rule Settings" and the defaults that hold without an object of it:
# https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout
_TEMPLATE = "5cf42378-d67d-4f36-ba46-e8b86229381d"
_MOST_ATTEMPTS, _LEAST_SECONDS = 10, 60


@per_scope(
    needs=(DOMAINS, USERS, GROUP_SETTINGS),
    problem="Weak password or lockout settings",
    severity=Severity.MEDIUM,
    expected="no user with DisableStrongPassword; lockout after at most 10 attempts for at least 60 seconds",
    unit=UnitKind.DIRECTORY,
    references=References(
        c2="1.7", c3="2.6 2.7 2.8", c4="6.6 6.7 6.8", c5="5.6 5.7 5.8", nist="IA-5 IA-5(1)"
    ),
    is_manual=True,
    answer=Answer(days=365),
)
def password_policy(ctx: Context) -> Verdict:
    """Password complexity settings.

    Judged: the complexity of cloud accounts is fixed by Microsoft, so it fails only where a user is
    exempted by `DisableStrongPassword`, or where the lockout threshold is over 10 or its duration under
    60 seconds (without settings Microsoft's defaults hold: 10 and 60). No list of banned passwords of
    one's own is a remark. With federated or synchronised accounts the policy of the on-premises
    directory decides, and where the settings may not be read nobody knows the lockout: a person
    attests. Passwords that do not expire are today's guidance and no failure.
    Why: short or common passwords are guessed in minutes.
    Fix: Entra > Protection > Authentication methods > Password protection; per user
    az rest --method patch --url https://graph.microsoft.com/v1.0/users/ID
    --body '{"passwordPolicies":"None"}'
    """
    settings, unread, unclear = _settings(ctx)
    threshold = _number(settings, "lockoutthreshold", _MOST_ATTEMPTS)
    duration = _number(settings, "lockoutdurationinseconds", _LEAST_SECONDS)
    domains, domain_gaps = ctx.partial(DOMAINS)
    exempted, synchronised, unclear_user = _accounts(ctx)
    observed: dict[str, Any] = {
        "disableStrongPassword": exempted,
        "lockoutThreshold": threshold,
        "lockoutDurationInSeconds": duration,
    }
    problems = []
    if exempted:
        problems.append(f"{len(exempted)} users may have weak passwords (DisableStrongPassword)")
    if threshold is not None and threshold > _MOST_ATTEMPTS:
        problems.append(f"accounts lock only after {threshold} attempts")
    if duration is not None and duration < _LEAST_SECONDS:
        problems.append(f"accounts stay locked for {duration} seconds only")
    if problems:
        return failed("; ".join(problems), **observed)
    ctx.require_complete(USERS)
    for gap in domain_gaps:
        raise CollectionUnavailable(gap)
    for error in (unclear, unclear_user):
        if error is not None:
            raise error
    for name, value in (("LockoutThreshold", threshold), ("LockoutDurationInSeconds", duration)):
        if value is None:
            raise settings[name.casefold()].unreadable("value", f"not a number ({name})")
    federated = sorted(d.id for d in domains if d.text("authenticationType").casefold() == "federated")
    remarks = [] if _own_list(settings) else ["no list of banned passwords of one's own"]
    if federated or synchronised:
        text = "the password policy of the on-premises directory decides; a person must attest it"
        return manual(
            text, remarks=remarks, federatedDomains=federated, synchronisedUsers=synchronised, **observed
        )
    if unread:
        text = f"the lockout settings could not be read, a person must attest them: {unread.gap.sentence()}"
        return manual(text, **(observed | {"lockoutThreshold": None, "lockoutDurationInSeconds": None}))
    return passed("Microsoft's password rules hold for every account", remarks=remarks, **observed)


def _settings(ctx: Context) -> tuple[dict[str, View], CollectionUnavailable | None, Unreadable | None]:
    """(password rule settings by name in lower case, a gap, a property that could not be read)."""
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
    """A setting's number; the default where it is not set, None where it is no number."""
    if name not in settings:
        return default
    stated = settings[name].raw("value")
    return int(stated) if isinstance(stated, str) and stated.strip().isdecimal() else None


def _own_list(settings: dict[str, View]) -> bool:
    check, words = settings.get("enablebannedpasswordcheck"), settings.get("bannedpasswordlist")
    if check is None or words is None:
        return False
    return check.text("value", default="").casefold() == "true" and bool(
        words.text("value", default="").strip()
    )


def _accounts(ctx: Context) -> tuple[list[str], int, Unreadable | None]:
    """(ids exempted from strong passwords, number of synchronised accounts, the first unreadable user)."""
    exempted: list[str] = []
    synchronised, unclear = 0, None
    for user in ctx.estate.documents(USERS.name):
        try:
            # Graph answers null for an account without a policy of its own.
            policies = user.text("passwordPolicies", default="").casefold()
            if "disablestrongpassword" in [part.strip() for part in policies.split(",")]:
                # Those who are exempted are the evidence, not everybody.
                user.bound(ctx.trace).raw("passwordPolicies")
                exempted.append(user.id)
            synchronised += user.flag("onPremisesSyncEnabled", default=False)
        except Unreadable as error:
            unclear = unclear or error
    return sorted(exempted), synchronised, unclear
