"""List the pages and operations of the API that an auditor with a review period may open.

In this module, an address is the name of a URL pattern, such as `report-download`.

`tenants.middleware` removes from the scope the customers for which the auditor has a review period. Two kinds of
requests keep these customers in scope: all requests to addresses in WITHOUT_RECORDS, and GET and HEAD requests to
addresses in SHOWN. In all other requests, pages of these customers answer 404, and pages over all customers leave these
customers out. So the auditor cannot open the present state and settings, and cannot change anything.

Add a new address to SHOWN only if it shows records of the period. tests/isolation/test_review_periods.py calls every
new address.
"""

from collections.abc import Mapping
from typing import Final

# An auditor with a review period may open the addresses in SHOWN only with these methods. With another method, the same
# address may change records.
READING: Final = frozenset({"GET", "HEAD"})

# {address: what an auditor with a review period sees there}. The models' managers select only records of the period
# (`in_review`), so a URL with the id of any other record gets a 404.
SHOWN: Final[Mapping[str, str]] = {
    "audit-room": "the period and its records",
    "reports": "reports of the period",
    "report": "a report of the period, without deliveries and links",
    "report-download": "the file of a report of the period",
    "report-bundle": "the evidence of a report of the period",
    "assessments": "assessments that ended in the period",
    "assessment": "an assessment that ended in the period",
    "exceptions": "exceptions that were undecided or in force in the period",
    "exceptions-export": "exceptions that were undecided or in force in the period",
    "exception": "an exception of the period as it was at its end, without today’s state of its findings",
    "attestations": "attestations in force in the period",
    "attestations-export": "attestations in force in the period",
    "evidence-file": "a file of an exception or attestation of the period",
    "findings-past": "the findings at the end of a day of the period",
    "findings-past-csv": "the findings at the end of a day of the period",
    "journal": "entries of the period",
    "journal-entry": "an entry of the period",
    "journal-verify": "entries of the period",
    "journal-csv": "entries of the period",
    "journal-chain": "entries of the period",
    "portfolio": "only the customer’s name and the period",
    "home": "nothing: leads to the audit room or the portfolio",
    "api-reports": "reports of the period",
    "api-report": "a report of the period",
    "api-report-file": "the file of a report of the period",
    "api-assessments": "assessments that ended in the period",
    "api-assessment": "an assessment that ended in the period",
    "api-exceptions": "exceptions that were undecided or in force in the period",
    "api-exception": "an exception of the period",
    "api-journal": "entries of the period",
    "api-journal-entry": "an entry of the period",
}

# Addresses at which no record of a customer is read. Some show names of customers, for example in the form for an API
# token.
WITHOUT_RECORDS: Final = frozenset(
    """
    account_change_password account_confirm_email account_confirm_login_code account_email
    account_email_verification_sent account_inactive account_login account_logout account_reauthenticate
    account_reset_password account_reset_password_done account_reset_password_from_key
    account_reset_password_from_key_done account_set_password account_signup
    mfa_activate_totp mfa_add_webauthn mfa_authenticate mfa_deactivate_totp mfa_download_recovery_codes
    mfa_edit_webauthn mfa_generate_recovery_codes mfa_index mfa_list_webauthn mfa_login_webauthn mfa_reauthenticate
    mfa_reauthenticate_webauthn mfa_remove_webauthn mfa_view_recovery_codes
    oauth-metadata oauth-revoke oauth-token
    openid_connect_callback openid_connect_login
    socialaccount_connections socialaccount_login_cancelled socialaccount_login_error socialaccount_signup
    account-api-token-revoke account-api-tokens account-profile account-sessions account-sessions-end address-request
    confirm-with-sso emergency first-start invitation invitation-sso second-factor-required theme
    """.split()
)


def offers_reviews(address: str | None, method: str | None = "GET") -> bool:
    """Return whether a request to the address keeps customers with a review period in scope."""
    return address in WITHOUT_RECORDS or (address in SHOWN and method in READING)
