"""Serve the pages that build, show, send and verify reports."""
