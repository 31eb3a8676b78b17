"""The malware scanner that checks evidence files (portal/treatment/actions/malware.py)."""

from __future__ import annotations

from portal.settings import env

# clamd:///path/of/socket, clamd://host:3310 or command:/path/of/command arguments.
SURETY_MALWARE_SCANNER = env.text("SURETY_MALWARE_SCANNER")
# Whether files are refused while the scanner does not answer.
SURETY_MALWARE_REQUIRED = env.boolean("SURETY_MALWARE_REQUIRED", default=True)
