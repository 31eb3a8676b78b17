"""Show verdicts to people, with names instead of ids, and with quantities instead of raw values. Pure functions.

Exceptions are bound to the hashes of the stored values. So this package does not change stored values.
"""
