"""Verdicts as people read them: names instead of ids, quantities instead of raw values. Pure.

Stored values stay as they are, because exceptions are bound to their hashes. Pages, reports, exports and mail render
them with this package when they are shown.
"""
