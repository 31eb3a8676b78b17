"""One module for each command. Each module has `register`, which describes the arguments of the command, and a function
that runs the command.
"""
