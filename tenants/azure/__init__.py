"""Determine what Surety may read in a customer's Azure: credentials that sign in to its directories, and delegated,
foreign and excluded subscriptions.
"""
