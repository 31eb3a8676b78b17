"""Serve the pages of one finding: verdict, treatment, comments and timeline."""
