"""Tickets in external ticket systems: opened for findings, closed when these are fixed, reopened when they fail
again.
"""
