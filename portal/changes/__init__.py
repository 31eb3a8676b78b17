"""Changes in the Azure of customers: what changed, the rules that catch changes, and the reviews of caught changes."""
