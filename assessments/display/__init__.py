"""Show verdicts to people, with names instead of ids, and with quantities instead of raw values. Pure functions.

Stored values do not change, because exceptions are bound to the hashes of these values.
"""
