"""What can go wrong with treatments, as a person reads it."""

from tenants.errors import Conflict, PermissionDenied


class NotFailing(Conflict):
    """Only what fails can be acknowledged or excepted."""

    default_code = "not_failing"


class NotManual(Conflict):
    """Only a manual finding can be attested."""

    default_code = "not_manual"


class OwnRequest(PermissionDenied):
    """Who asked for an exception cannot decide it."""

    default_code = "own_request"


class WrongState(Conflict):
    """The exception (attestation, batch) is not in a state in which this can be done."""

    default_code = "wrong_state"
