"""Controls of services of several kinds."""
