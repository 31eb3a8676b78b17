"""Gather the facts of reports, render the reports as PDF, sign and store them, and verify them offline."""
