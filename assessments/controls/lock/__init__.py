"""Controls of locks."""
