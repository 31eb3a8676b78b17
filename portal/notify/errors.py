"""What can go wrong with channels and deliveries, as a person reads it."""

from tenants.errors import Conflict


class WrongState(Conflict):
    """The delivery is not in a state in which this can be done."""

    default_code = "wrong_state"
