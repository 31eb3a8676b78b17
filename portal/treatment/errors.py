"""Errors that actions on treatments raise."""

from tenants.errors import Conflict, PermissionDenied


class NotFailing(Conflict, code="not_failing"):
    """The finding does not fail, so it cannot be acknowledged or excepted."""


class NotManual(Conflict, code="not_manual"):
    """The finding is not manual, so it cannot be attested."""


class OwnRequest(PermissionDenied, code="own_request"):
    """A person may not decide an exception that they, or a service account that they control, have requested."""


class WrongState(Conflict, code="wrong_state"):
    """The exception, attestation, comment or batch is not in a state that allows the action."""
