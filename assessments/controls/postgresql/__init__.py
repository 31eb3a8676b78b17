"""Controls of PostgreSQL servers."""
