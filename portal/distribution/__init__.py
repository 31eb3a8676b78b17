"""Distribution of finished reports: schedules, delivery by mail, and links that expire."""
