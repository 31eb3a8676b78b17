"""Evidence of the journals outside of the database: a stream of entries, and anchored heads."""
