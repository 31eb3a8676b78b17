"""Actions on channels, failed deliveries and a person's preferences, and deletion of old rows."""
