"""Controls of several kinds of databases."""
