"""Actions, which make all writes to the engine's tables. They take keyword arguments, are atomic, and write the
journal.
"""
