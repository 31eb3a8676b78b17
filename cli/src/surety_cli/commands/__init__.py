"""One module for each command. Each has `register`, which describes its arguments, and a function that runs it."""
