"""Actions on schedules of reports, their runs, deliveries and links."""
