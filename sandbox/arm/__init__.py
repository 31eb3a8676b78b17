"""Emulate Azure Resource Manager (documents, lists, filters, defaults and errors), and Azure Resource Graph."""
