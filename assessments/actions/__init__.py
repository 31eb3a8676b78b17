"""All writes to the engine's tables. Actions take keyword arguments, are atomic, and write the journal."""
