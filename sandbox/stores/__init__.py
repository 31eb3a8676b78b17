"""Store the data that the sandbox serves: the directories of estate files with their clients, ARM documents and Graph
objects.
"""
