"""Configure where journal entries, heads (hashes of the last entries) and alarms are sent (docs/journal.md)."""

from __future__ import annotations

from portal.settings import env

# The receiver of the stream of journal entries: syslog+tls://host:6514, syslog+tcp://host:601, syslog+udp://host:514 or
# https://host/path.
SURETY_JOURNAL_STREAM = env.text("SURETY_JOURNAL_STREAM")
# The key that signs the HTTP requests that send journal entries (the stream), heads (anchors) or alarms.
SURETY_JOURNAL_SECRET = env.text("SURETY_JOURNAL_SECRET")
# PEM file of certificate authorities that syslog over TLS trusts instead of the system's authorities.
SURETY_JOURNAL_CA_FILE = env.text("SURETY_JOURNAL_CA_FILE")

# The receivers that get the heads of all journals once a day.
SURETY_ANCHOR_MAIL = env.mail_address("SURETY_ANCHOR_MAIL")
SURETY_ANCHOR_WEBHOOK = env.text("SURETY_ANCHOR_WEBHOOK")

# The URL that receives alarms about emergency access, and its kind: `webhook` (signed JSON), `teams` or `slack`.
SURETY_ALARM_WEBHOOK = env.text("SURETY_ALARM_WEBHOOK")
SURETY_ALARM_WEBHOOK_KIND = env.text("SURETY_ALARM_WEBHOOK_KIND", "webhook")
