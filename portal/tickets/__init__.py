"""Tickets in external ticket systems, such as Jira.

Surety opens tickets for failing findings, closes the tickets when the findings are fixed, and reopens them when the
findings fail again.
"""
