"""Every list of the product: its page, layout, saved views, exports and bulk changes (ADR 5)."""
