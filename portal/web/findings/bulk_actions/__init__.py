"""Actions on several findings at once.

Each module of this package defines one `ACTION`. The selection bar, the view that runs an action, and the undo of an
action all use `registry.bulk_actions()`. So a new action needs only one module here and one test.
"""
