"""Controls of data factories."""
