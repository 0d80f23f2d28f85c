"""Customers and events out of files into the store."""
