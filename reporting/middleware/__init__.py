"""Middleware: it handles every request before and after its view."""
