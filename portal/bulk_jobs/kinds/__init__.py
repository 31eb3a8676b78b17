"""The actions that a bulk job can carry out, one module for each bulk action of the pages.

Each module of this package defines one `KIND`. The bulk action of the pages uses this object: its key, its rights, and
its function `restore`, which undoes the action.
"""
