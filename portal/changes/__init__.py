"""Changes in customers' Azure environments. Surety records each change, catches changes with rules, and lets people
review the caught changes.
"""
