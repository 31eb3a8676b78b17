"""All writes to the engine's tables are made by the actions in this package. Actions take keyword arguments, are
atomic, and write the journal.
"""
