"""Define actions on several findings at once.

Each module of this package defines one `ACTION`. Selection bar, view and undo use `registry.bulk_actions()`, so a new
action needs only a module and a test.
"""
