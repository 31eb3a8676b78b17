"""Exceptions: asking for one, the inbox, the register, deciding."""
