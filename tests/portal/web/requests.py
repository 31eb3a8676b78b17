"""Request a page by the name of its URL, for tests."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse


def page(client: Client, name: str, *args: object, query: str = "", status: int = 200) -> str:
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == status
    return " ".join(response.content.decode().split())
