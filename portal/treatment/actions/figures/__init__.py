"""Store a customer's numbers, for lists and trends."""
