"""Checks, samples, rules, alerts and notification."""
