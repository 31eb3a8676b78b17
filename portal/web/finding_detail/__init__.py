"""One finding: what it says, its timeline, and what people do about it."""
