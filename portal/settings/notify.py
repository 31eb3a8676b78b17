"""Where events may be posted to. What the words mean: portal/notify/addresses.py."""

from __future__ import annotations

from portal.settings import env

SURETY_WEBHOOK_ALLOWED_HOSTS = env.words("SURETY_WEBHOOK_ALLOWED_HOSTS")
# A PEM file of certificate authorities that are trusted besides the system's, for receivers of one's own.
SURETY_WEBHOOK_CA_FILE = env.text("SURETY_WEBHOOK_CA_FILE")
