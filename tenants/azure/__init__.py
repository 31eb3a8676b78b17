"""Read a customer's data in Azure: credentials that sign in to its directory, and delegated, foreign and excluded
subscriptions.
"""
