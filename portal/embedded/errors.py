"""The one error of the embedded servers: it says what failed and what to do."""


class EmbeddedServerError(RuntimeError):
    """An embedded server could not be placed, started, reached or stopped."""
