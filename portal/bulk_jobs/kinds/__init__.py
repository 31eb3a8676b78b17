"""The actions that a bulk job can carry out, one module for each bulk action of the pages.

Each module of this package defines one `KIND`. The bulk action of the page refers to this kind: the action has the key
of the kind, needs the same rights, and is undone with `restore` of the kind.
"""
