"""Changes in customers' Azure environments: what changed, the rules that catch changes, and the reviews of caught
changes.
"""
