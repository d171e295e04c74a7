"""Writes of customers. Each module owns one kind of thing; import the module."""
