"""Serve pages of the signed-in person's own account and of some ways to sign in. allauth serves the other account
pages.
"""
