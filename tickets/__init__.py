"""Incidents, problems, changes and requests."""
