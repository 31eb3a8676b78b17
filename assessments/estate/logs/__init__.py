"""Facts about logs and alerts: what is recorded, where it is kept, and who is notified. Pure functions."""
