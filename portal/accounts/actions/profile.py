"""Change the name that pages, mails and reports show for the signed-in person."""

from __future__ import annotations

from django.db import transaction

from tenants.errors import Conflict
from tenants.journal.accounts import record_for
from tenants.models import Person
from tenants.values.names import clean_name


@transaction.atomic
def change_own_name(*, by: Person, name: str) -> Person:
    """Change the person's own name. Record the old and the new name in the journals of the person's organizations.

    Raise InvalidInput if the name is empty, too long, longer than one line, or has no letter or digit. Raise Conflict
    if the account is disabled.
    """
    row = Person.objects.select_for_update(no_key=True).get(pk=by.pk)
    if not row.is_active:
        # The account may have been disabled or pseudonymised since this request began.
        raise Conflict(
            "Your account was disabled after you opened this page. Ask an administrator to enable it.",
            code="account_disabled",
        )
    cleaned = clean_name(name, missing="Enter your name.", present=row.name)
    before, row.name = row.name, cleaned
    if cleaned != before:
        row.save(update_fields=["name"])
        record_for(row, actor=row, action="account.name_changed", details={"from": before, "to": cleaned})
    return row
