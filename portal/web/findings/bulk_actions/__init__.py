"""Actions on several findings at once.

Each module of this package defines one `ACTION`. The selection bar, the view that runs an action and its undo
iterate `registry.bulk_actions()`, so a new action is one module here and one test.
"""
