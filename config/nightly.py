"""The order of the night (architecture.md section 6). Each stage is a function of an app."""

STAGES: tuple[str, ...] = ("sales", "segments", "demand", "allocation", "report")
