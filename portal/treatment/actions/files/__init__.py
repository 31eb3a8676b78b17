"""Store evidence files, and delete those without a row."""
