"""Export the settings of an organization as a YAML file, and plan and apply such a file, on a page or with a
command.
"""
