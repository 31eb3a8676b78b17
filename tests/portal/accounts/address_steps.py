"""Steps that change the address of an account."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from tenants.models import Person
from tests.factories import PASSWORD
from tests.portal.accounts.conftest import Delivered, Staff
from tests.signed_in import signed_in_client

NEW = "otto.new@northlight.example"


def ask(client: Client, address: str = NEW) -> Any:
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client.post(reverse("account_email"), {"action_add": "", "email": address})


def confirmation(mails: Delivered) -> str:
    text = "\n".join(mail.body for mail in mails)
    return re.findall(r"/accounts/confirm-email/[^\s/]+/", text)[-1]


def email_of(person: Person) -> str:
    return Person.objects.get(pk=person.pk).email


def change(staff: Staff, by: Person, person: Person, kind: str = "address", value: str = NEW) -> Any:
    address = reverse("person-account", args=[staff.organization.slug, person.pk])
    return signed_in_client(by).post(address, {"kind": kind, f"{kind}-value": value})
