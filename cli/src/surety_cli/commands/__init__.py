"""One module for each command. Each module has `register`, which adds the command and its arguments to the parser, and
a function that runs the command.
"""
