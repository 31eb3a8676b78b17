"""Errors of treatments."""

from tenants.errors import Conflict, PermissionDenied


class NotFailing(Conflict):
    """The finding does not fail, so it cannot be acknowledged or excepted."""

    default_code = "not_failing"


class NotManual(Conflict):
    """The finding is not manual, so it cannot be attested."""

    default_code = "not_manual"


class OwnRequest(PermissionDenied):
    """The person who decides an exception is its requester."""

    default_code = "own_request"


class WrongState(Conflict):
    """The exception, attestation, comment or batch is not in a state that allows the action."""

    default_code = "wrong_state"
