"""Send journal entries and the heads of their chains out of the database, so that a rewritten journal is detected."""
