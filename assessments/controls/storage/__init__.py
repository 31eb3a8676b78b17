"""Controls of storage accounts."""
