"""The actions that a bulk job can carry out, one module for each bulk action of the pages.

Each module of this package defines one `KIND`. A test compares the kinds with the bulk actions of the pages.
"""
