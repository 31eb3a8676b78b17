"""Show verdicts to people, with names instead of ids, and with quantities instead of raw values. Pure functions.

This package never changes stored values, because exceptions are bound to the hashes of these values.
"""
