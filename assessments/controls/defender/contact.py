"""defender-contact-email and defender-contact-phone: the security contact of a subscription."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Control, Parameter, per_scope
from assessments.controls.references import References
from assessments.controls.verdict import Outcome, Severity, Verdict, failed, passed
from assessments.estate.collections.defender import SECURITY_CONTACTS
from assessments.estate.contacts import addresses, is_enabled
from assessments.estate.gaps import Reason
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import Variable

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


def _best_verdict(ctx: Context, judge: Callable[[View], Verdict], without_contact: Verdict) -> Verdict:
    """Return the best verdict on any of the contacts. An unreadable contact matters only if no other contact passes."""
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
    return verdicts[0] if verdicts else without_contact


def _email(ctx: Context) -> Verdict:
    domains = {
        part.strip().lstrip("@").casefold() for part in str(ctx.params["domains"]).split(";") if part.strip()
    }

    def judge(contact: View) -> Verdict:
        found = addresses(contact)
        # This value affects only the wording of the reason.
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

    return _best_verdict(ctx, judge, failed("No security contact is set", emails=[]))


def _phone(ctx: Context) -> Verdict:
    def judge(contact: View) -> Verdict:
        number = contact.text("properties.phone", default="").strip()
        if not number:
            return failed("No phone number is set", phone=None)
        if not _PHONE.match(number):
            return failed("The value of phone is not a phone number", phone=number)
        # Disabled notifications do not matter here, because the phone number is for calls.
        off = contact.raw("properties.isEnabled") is False
        remarks = ["The contact's notifications are disabled"] if off else []
        return passed("A security contact has a phone number", remarks=remarks, phone=number)

    return _best_verdict(ctx, judge, failed("No security contact is set", phone=None))


# The request replaces the whole contact, so it must contain all properties. A person copies them, because findings
# store only what decides the verdict. The command's version of the API has no notifications about attack paths:
# https://learn.microsoft.com/cli/azure/security/contact#az-security-contact-create
FIX = Fix(
    command(
        "az security contact show --name default --subscription {subscription}",
        "Print the current settings. If there is no contact, Azure answers that it was not found.",
    ),
    command(
        "az security contact create --name default --emails {emails} --phone {phone}"
        " --alert-notifications {alerts} --notifications-by-role {roles} --subscription {subscription}",
        "This command replaces the addresses, the phone number, the minimal severity of alerts and the roles that"
        " receive them. Enter the current value of each setting that should stay. The command contains no"
        " notifications about attack paths: check them in the portal afterwards.",
        alone=True,
    ),
    portal="Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription} › Email notifications",
    portal_source="https://learn.microsoft.com/azure/defender-for-cloud/configure-email-notifications",
    effects="The given addresses and roles receive alerts of the given severity and above.",
    variables=[
        Variable("emails", "Addresses that receive alerts, separated by semicolons", "security@example.com"),
        Variable("phone", "Phone number of the contact, with the country code", "+4930123456"),
        Variable(
            "alerts",
            "Alerts to send, as in alertNotifications of the current settings",
            '{"state": "On", "minimalSeverity": "Medium"}',
        ),
        Variable(
            "roles",
            "Roles that receive alerts, as in notificationsByRole of the current settings",
            '{"state": "On", "roles": ["Owner"]}',
        ),
    ],
)


def _declare() -> Iterator[Control]:
    yield per_scope(
        needs=(SECURITY_CONTACTS,),
        severity=Severity.MEDIUM,
        feature=Feature.DEFENDER,
        subject_type="Microsoft.Security/securityContacts",
        slug="defender-contact-email",
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
            Parameter("domains", "", "Accepted email domains, separated by `;` (empty: any domain)"),
        ),
        doc="""The security contact has an email address.

        Problem: No security contact email address
        Expected: An enabled security contact with a valid email address
        Judged: Passes if an enabled security contact has at least one valid address in `emails`, where
        `;` separates addresses. A contact without `isEnabled` counts as enabled. Notifying roles alone
        is not enough. With `domains`, at least one address must belong to one of these domains.
        Whether anybody reads the mailbox cannot be checked.
        Why: Microsoft notifies this address when it detects an attack on the subscription.
        """,
    )(_email)
    yield per_scope(
        needs=(SECURITY_CONTACTS,),
        severity=Severity.LOW,
        feature=Feature.DEFENDER,
        subject_type="Microsoft.Security/securityContacts",
        slug="defender-contact-phone",
        fix=FIX,
        references=References(mcsb="IR-2", nist="IR-6(2)*"),
        doc="""The security contact has a phone number.

        Problem: No security contact phone number
        Expected: A security contact with a phone number
        Judged: Passes if the `phone` of a security contact is a phone number of at least six
        characters. Disabled notifications add a remark. Digits of the number are masked in stored
        results.
        Why: A phone call reaches people at night, and when the mail system itself is under attack.
        """,
    )(_phone)


CONTROLS = tuple(_declare())
