"""Controls of function apps: their runtime and their monitoring."""
