"""Treatments of findings: owners, acknowledgements, comments, exceptions, attestations. This package never
changes verdicts.
"""
