"""Verdicts as people read them: names instead of ids, quantities instead of raw values. Pure functions.

Stored values do not change, because exceptions are bound to the hashes of these values.
"""
