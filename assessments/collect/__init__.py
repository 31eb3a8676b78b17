"""Reads an Azure directory or subscription into an Estate. Only this package imports azure.*, and it does not use
Django."""
