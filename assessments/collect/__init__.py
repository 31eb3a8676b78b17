"""Reads an Azure directory or subscription into an Estate. The only package that imports azure.*; no Django."""
