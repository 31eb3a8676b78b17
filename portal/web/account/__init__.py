"""Serve pages of the signed-in person's own account, and the pages of emergency links, set-up links and single sign-on.
allauth serves the other account pages.
"""
