"""Fixes of failing findings: steps as data, filled in with facts of the finding, and rendered in one place for all
outputs.
"""
