"""Sign-in: passwords and their forms, limits of attempts, the policy of an organization, and re-authentication before
risky actions.
"""
