"""Store evidence files, and delete files without a row in the database."""
