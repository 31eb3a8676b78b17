"""The controls defender-contact-*: whether a subscription has a security contact, and which mails the contact gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Control, Parameter, per_scope
from assessments.controls.defender._contact_fixes import ATTACK_PATH_FIX, FIX
from assessments.controls.references import Partly, References, Setting
from assessments.controls.shared.defender_plans import is_paid, plan
from assessments.controls.verdict import Outcome, Severity, Verdict, failed, passed
from assessments.estate.collections.defender import PRICINGS, SECURITY_CONTACTS
from assessments.estate.gaps import Reason
from assessments.estate.governance.contacts import (
    addresses,
    is_enabled,
    least_alert_severity,
    least_attack_path_level,
    owners_are_notified,
    sends_alerts,
)
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable, View

ACCEPT_DEFAULT = Parameter(
    "accept_default",
    False,
    "Accept a subscription without a security contact, because Defender for Cloud then mails alerts of high severity"
    " and attack paths to the owners",
    label="Accept a missing security contact",
)
_PHONE = re.compile(r"^\+?[0-9 ()-]{6,}$")


def _contacts(ctx: Context) -> list[View]:
    try:
        return ctx.documents(SECURITY_CONTACTS)
    except CollectionUnavailable as error:
        # Azure answers 404 for a subscription without a contact, but also for a subscription that is no longer
        # visible.
        if error.gap.reason is Reason.NOT_FOUND and error.gap.code.casefold() != "subscriptionnotfound":
            return []
        raise


def _best_verdict(
    ctx: Context, judge: Callable[[View], Verdict], without_contact: Callable[[], Verdict]
) -> Verdict:
    """Return the verdict of the first contact that passes, or else of the first contact. If there is no contact, return
    `without_contact()`. Raise Unreadable if no contact passes and a contact could not be read.
    """
    verdicts: list[Verdict] = []
    first_error: Unreadable | None = None
    for contact in _contacts(ctx):
        try:
            verdict = judge(contact)
        except Unreadable as error:
            first_error = first_error or error
            continue
        if verdict.outcome is Outcome.PASS:
            return verdict
        verdicts.append(verdict)
    if first_error is not None:
        raise first_error
    return verdicts[0] if verdicts else without_contact()


def _email(ctx: Context) -> Verdict:
    domains = {
        part.strip().lstrip("@").casefold() for part in str(ctx.params["domains"]).split(";") if part.strip()
    }

    def judge(contact: View) -> Verdict:
        found = addresses(contact)
        # The verdict does not depend on whether roles are notified. Only the wording of the reason does.
        by_role = str(contact.raw("properties.notificationsByRole.state")).casefold() == "on"
        if not found:
            text = (
                "Only roles are notified; no email address is set"
                if by_role
                else "No valid email address is set"
            )
            return failed(text, emails=[])
        if not is_enabled(contact):
            return failed("The security contact is disabled", emails=found, isEnabled=False)
        unexpected = [
            address for address in found if domains and address.rpartition("@")[2].casefold() not in domains
        ]
        if len(unexpected) == len(found) and unexpected:
            return failed(
                f"No address belongs to an expected domain ({', '.join(sorted(domains))})", emails=found
            )
        remarks = [f"Addresses outside the expected domains: {len(unexpected):,}"] if unexpected else []
        return passed("A security contact has an email address", remarks=remarks, emails=found)

    return _best_verdict(ctx, judge, lambda: failed("No security contact is set", emails=[]))


def _phone(ctx: Context) -> Verdict:
    def judge(contact: View) -> Verdict:
        number = contact.text("properties.phone", default="").strip()
        if not number:
            return failed("No phone number is set", phone=None)
        if not _PHONE.match(number):
            return failed("The value of phone is not a phone number", phone=number)
        # The phone number is for calls, so disabled notifications do not matter here.
        off = contact.raw("properties.isEnabled") is False
        remarks = ["The contact's notifications are disabled"] if off else []
        return passed("A security contact has a phone number", remarks=remarks, phone=number)

    return _best_verdict(ctx, judge, lambda: failed("No security contact is set", phone=None))


def _without_contact(ctx: Context) -> Verdict:
    """Return the verdict on a subscription without a contact.

    Such a subscription can pass, because Defender for Cloud then notifies the owners. Microsoft writes: "By default,
    subscription owners receive email notifications for high-severity alerts and attack paths":
    https://learn.microsoft.com/azure/defender-for-cloud/configure-email-notifications
    """
    if not ctx.params[ACCEPT_DEFAULT.name]:
        return failed("No security contact is set")
    if not ctx.documents(PRICINGS):
        return failed("Defender for Cloud is not registered in the subscription, so it notifies nobody")
    return passed(
        "Defender for Cloud notifies the owners by default",
        remarks=["No security contact is set"],
    )


def _owner(ctx: Context) -> Verdict:
    def judge(contact: View) -> Verdict:
        if not is_enabled(contact):
            return failed("The security contact is disabled", isEnabled=False)
        if not owners_are_notified(contact):
            return failed("The role Owner is not notified", notifiedRoles=_roles(contact))
        remarks = ["The security contact gets no alerts"] if _gets_no_alerts(contact) else []
        return passed("The role Owner is notified", remarks=remarks, notifiedRoles=_roles(contact))

    return _best_verdict(ctx, judge, lambda: _without_contact(ctx))


def _gets_no_alerts(contact: View) -> bool:
    try:
        return not sends_alerts(contact)
    except Unreadable:
        return False


def _roles(contact: View) -> list[str]:
    """Return the roles that are notified. The finding shows these roles, but they do not affect the verdict."""
    by_role = contact.object("properties").object("notificationsByRole")
    return sorted(by_role.texts("roles", default=[])) if by_role.text("state").casefold() == "on" else []


def _alert_severity(ctx: Context) -> Verdict:
    def judge(contact: View) -> Verdict:
        if not is_enabled(contact):
            return failed("The security contact is disabled", isEnabled=False)
        severity = least_alert_severity(contact)
        if not severity:
            return failed("The security contact gets no alerts", minimalSeverity=None)
        return passed("Alerts of high severity are mailed", minimalSeverity=severity)

    return _best_verdict(ctx, judge, lambda: _without_contact(ctx))


def _attack_path(ctx: Context) -> Verdict:
    def judge(contact: View) -> Verdict:
        if not is_enabled(contact):
            return failed("The security contact is disabled", isEnabled=False)
        level = least_attack_path_level(contact)
        if not level:
            return failed("The security contact gets no mail about attack paths", minimalRiskLevel=None)
        remarks = ["Only attack paths of the level Critical are mailed"] if level == "critical" else []
        return passed(
            "Mail about attack paths is on",
            remarks=[*remarks, *_without_attack_paths(ctx)],
            minimalRiskLevel=level,
        )

    return _best_verdict(ctx, judge, lambda: _without_contact(ctx))


def _without_attack_paths(ctx: Context) -> list[str]:
    """Return a remark if the plan that finds attack paths is off, or could not be read."""
    try:
        posture = plan(ctx, "CloudPosture")
        is_off = posture is not None and not is_paid(posture)
    except (CollectionUnavailable, Unreadable):
        return ["It is not known whether the plan Defender CSPM, which finds attack paths, is on"]
    return ["The plan Defender CSPM, which finds attack paths, is off"] if is_off else []


_DEFAULT = (
    " Fails without a contact. If `accept_default` is on and Defender for Cloud is registered, passes without a"
    " contact, because Defender for Cloud then mails alerts of high severity and attack paths to the owners by default."
)
_BY_DEFAULT = (
    "The control’s parameters can accept a subscription without a security contact, because Azure then notifies the"
    " owners by default"
)
_UNLESS_STRICT = (Setting(ACCEPT_DEFAULT.name, equal=False),)


def _more() -> Iterator[Control]:
    yield per_scope(
        needs=(SECURITY_CONTACTS, PRICINGS),
        severity=Severity.MEDIUM,
        feature=Feature.DEFENDER,
        subject_type="Microsoft.Security/securityContacts",
        slug="defender-contact-owner",
        fix=FIX,
        references=References(
            c2="2.1.18",
            c3="3.1.12",
            c4="9.1.12",
            c5="8.1.12",
            c6="8.1.12",
            mcsb="IR-2",
            nist="IR-4 IR-5 IR-6(2) SI-4(12)",
            partly=(Partly("c2 c3 c4 c5 c6", _BY_DEFAULT, unless=_UNLESS_STRICT),),
        ),
        parameters=(ACCEPT_DEFAULT,),
        doc=f"""Owners of the subscription are notified of alerts.

        Problem: Owners not notified of alerts
        Expected: Defender for Cloud notifies the role Owner
        Judged: Passes if an enabled security contact notifies the role Owner (`notificationsByRole`). A contact
        without `isEnabled` counts as enabled. A remark says if the contact gets no alerts at all.{_DEFAULT}
        Why: Owners who are not notified of an attack cannot act in time.
        """,
    )(_owner)
    yield per_scope(
        needs=(SECURITY_CONTACTS, PRICINGS),
        severity=Severity.MEDIUM,
        feature=Feature.DEFENDER,
        subject_type="Microsoft.Security/securityContacts",
        slug="defender-contact-alert-severity",
        labels={"minimalSeverity": "Lowest severity of mailed alerts"},
        fix=FIX,
        references=References(
            c2="2.1.20",
            c3="3.1.14",
            c4="9.1.14",
            c5="8.1.14",
            c6="8.1.14",
            mcsb="IR-2",
            nist="IR-4 IR-5 IR-6(2) SI-4(12)",
            partly=(Partly("c2 c3 c4 c5 c6", _BY_DEFAULT, unless=_UNLESS_STRICT),),
        ),
        parameters=(ACCEPT_DEFAULT,),
        doc=f"""Alerts of high severity are mailed.

        Problem: Alerts of high severity are not mailed
        Expected: Defender for Cloud mails alerts of high severity to a security contact
        Judged: Passes if an enabled security contact gets alerts of high severity, because its minimum severity is
        High, Medium or Low (`notificationsSources`, or `alertNotifications` in older answers). A contact without
        `isEnabled` counts as enabled.{_DEFAULT}
        Why: An alert that nobody receives stops no attack.
        """,
    )(_alert_severity)
    yield per_scope(
        needs=(SECURITY_CONTACTS, PRICINGS),
        severity=Severity.LOW,
        feature=Feature.DEFENDER,
        subject_type="Microsoft.Security/securityContacts",
        slug="defender-contact-attack-path",
        labels={"minimalRiskLevel": "Lowest risk level of mailed attack paths"},
        fix=ATTACK_PATH_FIX,
        references=References(
            c4="9.1.15",
            c5="8.1.15",
            c6="8.1.15",
            mcsb="IR-2*",
            nist="IR-4* IR-5* IR-6(2)* SI-4(12)*",
            partly=(Partly("c4 c5 c6", _BY_DEFAULT, unless=_UNLESS_STRICT),),
        ),
        parameters=(ACCEPT_DEFAULT,),
        doc=f"""Attack paths are mailed.

        Problem: Attack paths are not mailed
        Expected: Defender for Cloud mails attack paths to a security contact
        Judged: Passes if an enabled security contact gets mail about attack paths (`notificationsSources`), whatever
        the minimum risk level is. If this level is Critical, the control adds a remark. A contact without `isEnabled`
        counts as enabled. If the plan `CloudPosture`, which finds attack paths, is Free, the control adds a
        remark.{_DEFAULT}
        Why: An attack path is a chain of weaknesses that leads to valuable data.
        """,
    )(_attack_path)


def _declare() -> Iterator[Control]:
    yield per_scope(
        needs=(SECURITY_CONTACTS,),
        severity=Severity.MEDIUM,
        feature=Feature.DEFENDER,
        subject_type="Microsoft.Security/securityContacts",
        slug="defender-contact-email",
        labels={"emails": "Email addresses"},
        fix=FIX,
        references=References(
            c2="2.1.19",
            c3="3.1.13",
            c4="9.1.13",
            c5="8.1.13",
            c6="8.1.13",
            mcsb="IR-2",
            nist="IR-4 IR-5 IR-6(2) SI-4(12)",
        ),
        parameters=(
            Parameter(
                "domains",
                "",
                "Accepted email domains, separated by `;` (empty: any domain)",
                label="Accepted email domains",
            ),
        ),
        doc="""The security contact has an email address.

        Problem: No security contact email address
        Expected: An enabled security contact with a valid email address
        Judged: Passes if an enabled security contact has at least one valid address in `emails`, where
        `;` separates addresses. A contact without `isEnabled` counts as enabled. Notifying roles alone
        is not enough. With `domains`, at least one address must belong to one of these domains.
        Whether anybody reads the mailbox cannot be checked.
        Why: Without an address, Microsoft may be unable to notify anybody of an attack on the subscription.
        """,
    )(_email)
    yield per_scope(
        needs=(SECURITY_CONTACTS,),
        severity=Severity.LOW,
        feature=Feature.DEFENDER,
        subject_type="Microsoft.Security/securityContacts",
        slug="defender-contact-phone",
        labels={"phone": "Phone number"},
        fix=FIX,
        references=References(mcsb="IR-2*", nist="IR-6(2)*"),
        doc="""The security contact has a phone number.

        Problem: No security contact phone number
        Expected: A security contact with a phone number
        Judged: Passes if the `phone` of a security contact is a phone number of at least six
        characters. Disabled notifications add a remark. Digits of the number are masked in stored
        results.
        Why: Without a phone number, an alert may reach nobody at night, or when the mail system itself is under attack.
        """,
    )(_phone)


CONTROLS = (*_declare(), *_more())
