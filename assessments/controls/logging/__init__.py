"""Controls of logs: whether they are written and exported, where they are stored, and how long they are kept."""
