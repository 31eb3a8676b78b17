"""Count a customer's findings. Store the counts by control and by filter for lists, and by day for trends."""
