"""Tickets in the systems where people already work: opened for findings, closed by the fix, reopened by the relapse."""
