"""Functions that change bulk jobs: request, run, cancel, undo and delete them."""
