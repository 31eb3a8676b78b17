"""What changes the engine's tables. Keyword-only, atomic, the journal's line written inside."""
