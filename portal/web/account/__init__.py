"""Serve the pages of the signed-in person's own account, and pages for some ways to sign in. allauth serves the other
account pages.
"""
