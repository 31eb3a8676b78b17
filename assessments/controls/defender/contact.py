"""defender-contact-email and defender-contact-phone: what a security contact must hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Control, Parameter, References, per_scope
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.defender import SECURITY_CONTACTS
from assessments.estate.contacts import addresses, is_enabled
from assessments.estate.gaps import Reason
from assessments.estate.view import Unreadable, View

_PHONE = re.compile(r"^\+?[0-9 ()-]{6,}$")


def _contacts(ctx: Context) -> list[View]:
    try:
        return ctx.documents(SECURITY_CONTACTS)
    except CollectionUnavailable as error:
        # A subscription without a contact answers 404.
        if error.gap.reason is Reason.NOT_FOUND:
            return []
        raise


def _first(ctx: Context, judge: object, nothing: Verdict) -> Verdict:
    """The best contact's verdict; an unreadable one decides only where no other passes."""
    verdicts: list[Verdict] = []
    unread: Unreadable | None = None
    for contact in _contacts(ctx):
        try:
            verdict: Verdict = judge(contact)  # type: ignore[operator]
        except Unreadable as error:
            unread = unread or error
            continue
        if verdict.outcome.value == "pass":
            return verdict
        verdicts.append(verdict)
    if unread is not None:
        raise unread
    return verdicts[0] if verdicts else nothing


def _email(ctx: Context) -> Verdict:
    domains = {
        part.strip().lstrip("@").casefold() for part in str(ctx.params["domains"]).split(";") if part.strip()
    }

    def judge(contact: View) -> Verdict:
        found = addresses(contact)
        # It only words the reason.
        by_role = str(contact.raw("properties.notificationsByRole.state")).casefold() == "on"
        if not found:
            text = (
                "only roles are notified, no e-mail address is set"
                if by_role
                else "no valid e-mail address is set"
            )
            return failed(text, emails=[])
        if not is_enabled(contact):
            return failed("the contact is switched off", emails=found, isEnabled=False)
        strangers = [
            address for address in found if domains and address.rpartition("@")[2].casefold() not in domains
        ]
        if len(strangers) == len(found) and strangers:
            return failed("no address is of an expected domain", emails=found)
        remarks = [f"addresses of unexpected domains: {len(strangers)}"] if strangers else []
        return passed("a security contact has an e-mail address", remarks=remarks, emails=found)

    return _first(ctx, judge, failed("no security contact is set", emails=[]))


def _phone(ctx: Context) -> Verdict:
    def judge(contact: View) -> Verdict:
        number = contact.text("properties.phone", default="").strip()
        if not number:
            return failed("no telephone number is set", phone=None)
        if not _PHONE.match(number):
            return failed("what is set is not a telephone number", phone=number)
        # A number is called by people, whatever the contact's notifications say.
        off = contact.raw("properties.isEnabled") is False
        remarks = ["the contact's notifications are switched off"] if off else []
        return passed("a security contact has a telephone number", remarks=remarks, phone=number)

    return _first(ctx, judge, failed("no security contact is set", phone=None))


def _declare() -> Iterator[Control]:
    yield per_scope(
        needs=(SECURITY_CONTACTS,),
        severity=Severity.MEDIUM,
        expected="an enabled security contact with a valid e-mail address",
        subject_type="Microsoft.Security/securityContacts",
        slug="defender-contact-email",
        problem="No security contact email address",
        references=References(
            c2="2.1.19", c3="3.1.13", c4="9.1.13", c5="8.1.13", c6="8.1.13", mcsb="IR-2",
            nist="IR-4 IR-5 IR-6(2) SI-4(12)",
        ),
        parameters=(Parameter("domains", "", "Domains of addresses, separated by `;` (empty: any)"),),
        doc="""Security contact e-mail set.

        Judged: a security contact has at least one valid address in `emails` (several are separated by
        `;`) and is not switched off; `isEnabled` absent counts as on. Notifying roles alone is not
        enough. That the address is still read cannot be seen from here.
        Why: Microsoft tells this address when it finds the subscription attacked.
        Fix: az security contact create -n default --emails sec@example.com --notifications-by-role
        '{"state":"On","roles":["Owner"]}' --alert-notifications '{"state":"On","minimalSeverity":"Medium"}'
        """,
    )(_email)  # fmt: skip
    yield per_scope(
        needs=(SECURITY_CONTACTS,),
        severity=Severity.LOW,
        expected="a security contact with a telephone number",
        subject_type="Microsoft.Security/securityContacts",
        slug="defender-contact-phone",
        problem="No security contact phone number",
        references=References(mcsb="IR-2", nist="IR-6(2)*"),
        doc="""Security contact telephone number set.

        Judged: a security contact's `phone` is a telephone number of at least six signs. That the
        contact's notifications are switched off is a remark. Digits are masked in what is kept.
        Why: by telephone somebody is reached at night and when mail is what was attacked.
        Fix: az security contact create -n default --emails sec@example.com --phone +4912345678
        """,
    )(_phone)


CONTROLS = tuple(_declare())
