"""Read the link of an invitation in its mail."""

from __future__ import annotations

from django.core import mail


def token_of(message: mail.EmailMessage) -> str:
    return str(message.body).split("/invitations/")[1].split("/")[0]
