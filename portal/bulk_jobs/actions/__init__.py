"""Functions that write: request, work on, cancel, undo and delete bulk jobs."""
