"""Controls that each judge several kinds of services."""
