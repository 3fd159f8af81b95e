"""The generic pages of resources."""
