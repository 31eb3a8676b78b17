"""Errors of actions on deliveries."""

from tenants.errors import Conflict


class WrongState(Conflict):
    """The delivery or its channel is in a state that does not permit the action."""

    default_code = "wrong_state"
