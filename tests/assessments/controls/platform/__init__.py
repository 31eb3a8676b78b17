"""Controls of several kinds of services."""
