"""Discovery by MIB: one module a standard MIB, and the tables of the vendor data. Each stands alone."""
