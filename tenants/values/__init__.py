"""Values that people enter or read: names, addresses, texts, parts of commands, and points in time."""
