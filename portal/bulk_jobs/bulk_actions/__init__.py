"""The bulk actions, one module for each action.

Each module of this package defines one `ACTION`. Selection bar, API, command line and undo use
`registry.bulk_actions()`, so they find a new module automatically.
"""
