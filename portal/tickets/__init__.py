"""Tickets in external ticket systems. Surety opens tickets for findings, closes the tickets when the findings
are fixed, and reopens them when the findings fail again.
"""
