"""Distribution of finished reports: schedules, delivery by mail, and expiring download links."""
