"""Pseudonymise a person on request, or the people whose only access was to an erased customer."""

from __future__ import annotations

import json
import secrets
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.utils.html import escape

from portal.distribution.actions.offboarding import record_removals, remove_recipient
from portal.offboarding.models import Erasure
from portal.offboarding.people.redactions import record_redactions
from tenants.actors import Actor
from tenants.models import Membership, Person
from tenants.scope import person_scope, roles_everywhere
from tenants.secrets import seal, unseal

# The characters of pseudonyms, without letters and digits that look alike.
_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
PSEUDONYM_DOMAIN: Final = "@pseudonym.invalid"


def new_pseudonym() -> str:
    """Return a new random name, such as “Former person 7K3QXM”."""
    return f"Former person {''.join(secrets.choice(_LETTERS) for _ in range(6))}"


def pseudonymise(row: Erasure, who: Person, pseudonym: str, by: Actor) -> int:
    """Replace the name and email addresses of a person everywhere, and return the number of changed journal entries.

    Each changed journal gets new entries that list its changed entries. `row` is the running erasure. Needs the scope
    of the organization of `row`.
    """
    _remove_from_waiting_mails(who, pseudonym)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chain, number FROM leaving_pseudonymise(%s, %s, %s, %s, %s)",
            [row.organization_id, row.pk, row.kind, who.pk, pseudonym],
        )
        changed = cursor.fetchall()
    # Lock schedules of reports before journals. Actions that change a schedule lock both in the same order, so there is
    # no deadlock.
    schedules = remove_recipient(person=who, replaced_by=pseudonym, erased=row.subject)
    record_redactions(row, changed, by)
    record_removals(schedules, by)
    return len(changed)


def disable_account(who: Person) -> None:
    """End the person's sessions, delete the API tokens, then disable the account.

    Call this function before the transaction that pseudonymises the person, not inside it. That transaction locks the
    account first, but a request of the person locks its session before the account, so the two could deadlock.
    """
    # `portal.accounts` is on the same layer and may not be imported, so get its model by name.
    model: Any = apps.get_model("accounts", "Session")
    model.objects.filter(person_id=who.pk).delete()
    tokens: Any = apps.get_model("accounts", "ApiToken")
    with person_scope(who):
        tokens.objects.filter(person_id=who.pk).delete()
    Person.objects.filter(pk=who.pk, is_active=True).update(is_active=False)


def addresses_of(who: Person) -> set[str]:
    """Return the email addresses of the person's account."""
    model: Any = apps.get_model("account", "EmailAddress")
    return {who.email, *model.objects.filter(user=who).values_list("email", flat=True)}


def people_of(tenant_id: UUID) -> list[Person]:
    """Return the people who have only ever had access to this customer, in the order of their ids."""
    ids = Membership.objects.filter(tenant=tenant_id).values_list("person", flat=True)
    people = Person.objects.filter(pk__in=ids).exclude(email__endswith=PSEUDONYM_DOMAIN).order_by("pk")
    return [
        who for who in people if {place for _, place, _ in roles_everywhere(who, ended=True)} == {tenant_id}
    ]


def _remove_from_waiting_mails(who: Person, pseudonym: str) -> None:
    """Delete mails to the person that no worker has sent yet, and replace the person's name and email address in
    mails to others.
    """
    # `portal.accounts` is on the same layer and may not be imported, so get its model by name.
    model: Any = apps.get_model("accounts", "AccountMail")
    for mail in model.objects.iterator():
        before = unseal(mail, "content").reveal()
        content = json.loads(before)
        addresses = [*content.get("to", []), content.get("reset", "")]
        if who.email in [address.lower() for address in addresses]:
            mail.delete()
            continue
        for part in ("subject", "text", "html"):
            if part in content:
                content[part] = _without(content[part], who, pseudonym)
        if content != json.loads(before):
            seal(mail, "content", json.dumps(content))
            mail.save(update_fields=["content"])


def _without(text: str, who: Person, pseudonym: str) -> str:
    for name in filter(None, (who.name, escape(who.name), who.email)):
        text = text.replace(name, pseudonym)
    return text
