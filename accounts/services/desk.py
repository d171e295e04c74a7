"""What accounts registers for the work in hand when it starts."""

from accounts.services import comment_notices, drafts, notices, results, task_notices
from config.common import housekeeping
from config.common.drafts import on_sent


def register() -> None:
    """Called from ``AppConfig.ready``."""
    task_notices.register()
    comment_notices.register()
    housekeeping.register("result files", results.sweep)
    housekeeping.register("notices", notices.sweep)
    housekeeping.register("drafts", drafts.sweep)
    on_sent(drafts.forget_sent)
