"""Reads an Azure directory or subscription into an Estate. The only part that imports azure.*; no Django."""
