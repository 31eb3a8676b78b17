"""Define the buttons of the findings page that change several findings at once.

Each module of this package defines one `ACTION`, which names its kind of bulk job. Selection bar, view and undo use
`registry.bulk_actions()`, so they find a new module automatically.
"""
