"""Configure the malware scanner of evidence files (portal/treatment/actions/files/malware.py), and the operator's
controls.
"""

from __future__ import annotations

from portal.settings import env

# The address of the scanner: clamd:///path/of/socket, clamd://host:3310 or command:/path/of/command arguments.
SURETY_MALWARE_SCANNER = env.text("SURETY_MALWARE_SCANNER")
# Whether evidence files are refused while the malware scanner does not answer.
SURETY_MALWARE_REQUIRED = env.boolean("SURETY_MALWARE_REQUIRED", default=True)
# Python modules with controls of the operator (docs/own-controls.md). Surety runs their code.
SURETY_CONTROL_MODULES = env.comma_separated("SURETY_CONTROL_MODULES")
