"""Files in: one engine for all kinds; each app registers its own kinds with ``registry``."""
