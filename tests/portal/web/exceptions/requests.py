"""Requests to the pages of exceptions."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from portal.treatment.models import FindingException
from portal.treatment.selectors.exceptions import seen_digest
from tests import factories
from tests.portal.web.world import World


def page(client: Client, world: World, query: str = "") -> str:
    answer = client.get(reverse("exceptions", args=[world.home.slug]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def detail(client: Client, world: World, exception: FindingException) -> str:
    answer = client.get(reverse("exception", args=[world.home.slug, exception.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def act(client: Client, world: World, what: str, exception: FindingException, **data: Any) -> HttpResponse:
    if what == "approve" and "seen" not in data:
        with factories.in_tenant(world.home):
            data["seen"] = seen_digest(exception)
    url = reverse(f"exception-{what}", args=[world.home.slug, exception.pk])
    return client.post(url, data, follow=True)  # type: ignore[return-value]


def state(world: World, exception: FindingException) -> str:
    with factories.in_tenant(world.home):
        return FindingException.objects.get(pk=exception.pk).state


def numbers(html: str) -> list[int]:
    """Return the numbers of the exceptions in the register, in the order of its rows."""
    register = html.split("<h2>Register</h2>")[1]
    return [int(found) for found in re.findall(r'<td[^>]* class="num">(\d+)</td>', register)]
