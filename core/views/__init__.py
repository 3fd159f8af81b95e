"""Pages of core that belong to no resource."""
