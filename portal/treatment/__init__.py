"""Store how people treat findings: owners, acknowledgements, comments, exceptions and attestations.

This package never changes verdicts.
"""
