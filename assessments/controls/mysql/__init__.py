"""Controls of MySQL servers."""
