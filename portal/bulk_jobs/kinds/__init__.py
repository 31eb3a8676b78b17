"""The actions that a bulk job can carry out, one module for each bulk action of the pages.

Each module of this package defines one `KIND`. The bulk action of the page names this kind, and takes its key, rights
and undo.
"""
