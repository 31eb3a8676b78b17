"""The maximum size of a request's body, by URL path. Forms with files need an entry here.

Django reads a form before Django knows whether the page needs a session. So clients without a session can send only
small bodies.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings

from assessments.scan_files.opened import MAX_BYTES as MAX_SCAN_BYTES
from portal.configuration.yaml_text import MAX_BYTES as MAX_YAML_BYTES
from portal.files.csv_input import MAX_BYTES as MAX_CSV_BYTES
from portal.http.request_bodies import MIB, Limits
from portal.mute_lists.file import MAX_BYTES as MAX_MUTE_LIST_BYTES
from portal.reports.verification.verify import MAX_BYTES as MAX_REPORT_BYTES
from portal.treatment.actions.attestations.attest import MAX_FILES
from portal.treatment.actions.files.store import MAX_BYTES as MAX_FILE_BYTES

FORM_BYTES: Final = MIB
"""The maximum number of bytes for all fields of a form except its files."""
FILES: Final = MAX_FILES * MAX_FILE_BYTES + FORM_BYTES

# The limit for signed-in people on all paths without a limit of their own. Up to this size, Django reads the fields of
# a form (DATA_UPLOAD_MAX_MEMORY_SIZE).
DEFAULT: Final = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

ANONYMOUS: Final = 64 * 1024
"""The maximum number of bytes of a form without a session. The largest such form contains a passkey (32 kB,
`portal.accounts.mfa.passkeys`).
"""

LIMITS: Final = Limits(
    anonymous=ANONYMOUS,
    default=DEFAULT,
    public={
        r"/verify/": MAX_REPORT_BYTES + FORM_BYTES,
        # Forms on these pages are small, so the limit of anonymous clients applies to signed-in people too.
        r"/accounts/.*": ANONYMOUS,
        # The first match counts, so the next two lines come before `/api/.*`. On these two paths, clients without a
        # session may send large bodies, because the API checks the token and its rights before it reads a body.
        r"/api/v1/customers/[^/]+/scan-imports": MAX_SCAN_BYTES + FORM_BYTES,
        r"/api/v1/customers/[^/]+/exceptions/mute-list": 2 * MAX_MUTE_LIST_BYTES + FORM_BYTES,
        r"/api/.*": ANONYMOUS,
        r"/emergency/.*": ANONYMOUS,
        r"/first-start/.*": ANONYMOUS,
        r"/oauth/.*": ANONYMOUS,
        r"/invitations/.*": ANONYMOUS,
        r"/report-links/.*": ANONYMOUS,
        r"/theme/": ANONYMOUS,
        r"/unsubscribe/.*": ANONYMOUS,
    },
    signed_in={
        r"/organizations/[^/]+/settings/configuration/": MAX_YAML_BYTES + FORM_BYTES,
        r"/organizations/[^/]+/customers/import/": MAX_CSV_BYTES + FORM_BYTES,
        r"/t/[^/]+/exceptions/request/": FILES,
        r"/t/[^/]+/scans/": MAX_SCAN_BYTES + FORM_BYTES,
        r"/t/[^/]+/attestations/[^/]+/": FILES,
    },
)
