"""The controls sql-threat-alerts-contact and sql-threat-alerts-owners, which check who gets the alerts of threat
detection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Control, per_subject
from assessments.controls.references import Partly, References
from assessments.controls.sql._alert_policy import ALERT_POLICY
from assessments.controls.sql._detection import SERVER_NEEDS, policy_of, server_detection
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.defender import SECURITY_CONTACTS
from assessments.estate.collections.sql import SQL_SERVERS
from assessments.estate.gaps import Reason
from assessments.estate.governance.contacts import addresses, is_enabled, owners_are_notified, sends_alerts
from assessments.estate.ids import subscription_of
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable, View

_DOC = """SQL threat alerts reach {whom}.

Problem: SQL threat alerts do not reach {whom}
Expected: {expected}
Judged: Each logical SQL server with threat detection on. Passes if Defender for Cloud, the usual channel today, sends
its alerts to {channel}. Also passes if {setting} of the server's security alert policy is set. If only this policy
mails the alerts, a remark says that Microsoft retires security alert policies on 16 August 2027.{default}
Why: An alert that nobody receives stops no attack.
"""


_DEFAULT = """ Without
a security contact, Defender for Cloud mails alerts of high severity to the owners by default, which passes with a
remark."""
# https://learn.microsoft.com/azure/defender-for-cloud/migrate-classic-defender-for-sql-apis
_POLICY_RETIRES: Final = (
    "Security alert policies retire on 16 August 2027: let Defender for Cloud mail the alerts instead"
)


@dataclass(frozen=True, slots=True)
class _Audience:
    """The recipients that must get alerts, and the texts of the control that checks this. Each of the two controls of
    this module has its own recipients.

    `on_server` and `by_contact` return whether the recipients get alerts: through a server's security alert policy, or
    through a security contact of the subscription.
    """

    slug: str
    whom: str
    setting: str
    channel: str
    expected: str
    on_server: Callable[[View], bool]
    by_contact: Callable[[View], bool]
    references: References
    is_default: bool = False
    """Whether Defender for Cloud mails alerts to these recipients as long as the subscription has no contact."""


def _has_addresses(policy: View) -> bool:
    return any(address.strip() for address in policy.texts("properties.emailAddresses"))


def _owners_get_mail(policy: View) -> bool:
    return policy.flag("properties.emailAccountAdmins")


def _references(**numbers: str) -> References:
    missing = (
        "The control judges only alerts of SQL servers, and passes even if only the server's own policy mails"
        " them"
    )
    return References(
        **numbers, mcsb="IR-2", nist="IR-6(2) SI-4(12)", partly=(Partly(" ".join(numbers), missing),)
    )


AUDIENCES = (
    _Audience(
        "sql-threat-alerts-contact",
        "a security contact",
        "`emailAddresses`",
        "a contact with an email address",
        "The alert policy has email addresses, or Defender for Cloud mails alerts to a contact",
        _has_addresses,
        lambda contact: bool(addresses(contact)),
        _references(
            c2="2.1.19 2.1.20", c3="3.1.13 3.1.14", c4="9.1.13 9.1.14", c5="8.1.13 8.1.14", c6="8.1.13 8.1.14"
        ),
    ),
    _Audience(
        "sql-threat-alerts-owners",
        "the owners of the subscription",
        "`emailAccountAdmins`",
        "the role Owner",
        "The alert policy notifies administrators, or Defender for Cloud notifies the role Owner",
        _owners_get_mail,
        owners_are_notified,
        _references(c2="2.1.18", c3="3.1.12", c4="9.1.12", c5="8.1.12", c6="8.1.12"),
        is_default=True,
    ),
)


def _declare(audience: _Audience) -> Control:
    @per_subject(
        SQL_SERVERS,
        slug=audience.slug,
        fix=ALERT_POLICY,
        doc=_DOC.format(
            whom=audience.whom,
            expected=audience.expected,
            setting=audience.setting,
            channel=audience.channel,
            default=_DEFAULT if audience.is_default else "",
        ),
        needs=(*SERVER_NEEDS, SECURITY_CONTACTS),
        severity=Severity.MEDIUM,
        feature=Feature.DEFENDER,
        references=audience.references,
    )
    def rule(server: View, ctx: Context) -> Verdict:
        return _judge(server, ctx, audience)

    return rule


def _judge(server: View, ctx: Context, audience: _Audience) -> Verdict:
    found = server_detection(server, ctx)
    if not found.on:
        remark = "Threat detection is off, so no alert is sent"
        return not_applicable("Threat detection is off", remarks=[remark], state=found.state)
    first_error: CollectionUnavailable | Unreadable | None = None
    try:
        if audience.on_server(policy_of(server, found, ctx)):
            return passed(
                f"The security alert policy of the server mails alerts to {audience.whom}",
                remarks=_policy_remarks(server, ctx, audience),
                channel="server",
            )
    except (CollectionUnavailable, Unreadable) as error:
        # Do not raise the error yet: the server also passes if the security contact of the subscription receives the
        # alerts.
        first_error = error
    is_received, has_contact = _contact_receives_alerts(server, ctx, audience)
    if not has_contact and audience.is_default:
        # https://learn.microsoft.com/azure/defender-for-cloud/configure-email-notifications
        return passed(
            f"Defender for Cloud mails alerts to {audience.whom}",
            remarks=[
                "The subscription has no security contact, so by default only alerts of high severity are mailed"
            ],
            channel="default",
        )
    if is_received:
        return passed(
            f"Defender for Cloud mails alerts to {audience.whom}",
            remarks=["The security contact of the subscription determines who gets the alerts"],
            channel="security contact",
        )
    if first_error:
        raise first_error
    return failed(f"Threat alerts of this server do not reach {audience.whom}", channel=None)


def _policy_remarks(server: View, ctx: Context, audience: _Audience) -> list[str]:
    """Return a remark about the retirement of security alert policies, unless Defender for Cloud certainly mails the
    alerts to the recipients too.
    """
    try:
        is_received, has_contact = _contact_receives_alerts(server, ctx, audience)
    except (CollectionUnavailable, Unreadable):
        return [_POLICY_RETIRES]
    return [] if is_received or (audience.is_default and not has_contact) else [_POLICY_RETIRES]


def _contact_receives_alerts(server: View, ctx: Context, audience: _Audience) -> tuple[bool, bool]:
    """Return (whether a contact of the subscription receives alerts, whether the subscription has a contact).

    Raise CollectionUnavailable or Unreadable if needed data could not be read.
    """
    contacts, gap = ctx.partial_at(SECURITY_CONTACTS, f"/subscriptions/{subscription_of(server.id)}")
    first_error: Unreadable | None = None
    for contact in contacts:
        try:
            if is_enabled(contact) and audience.by_contact(contact) and sends_alerts(contact):
                return True, True
        except Unreadable as error:
            first_error = first_error or error
    # Azure answers 404 for a subscription that never had a contact, so this gap is no error.
    if gap and gap.reason is not Reason.NOT_FOUND:
        raise CollectionUnavailable(gap)
    if first_error:
        raise first_error
    return False, bool(contacts)


CONTROLS = tuple(_declare(audience) for audience in AUDIENCES)
