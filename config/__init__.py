"""The project package."""
