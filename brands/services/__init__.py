"""Writes of brands, one module per noun."""
