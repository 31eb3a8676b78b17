"""Actions on channels, on failed deliveries and on a person's preferences. This package also deletes old rows."""
