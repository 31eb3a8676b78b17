"""The error of embedded servers. Its message says what failed and what to do."""


class EmbeddedServerError(RuntimeError):
    """An embedded server could not be installed, started, reached or stopped."""
