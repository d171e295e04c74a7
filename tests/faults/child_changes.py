"""What child processes of the fault tests do with bulk changes. Prints one line of JSON."""

import json
import sys
from typing import Any

import django

DAYS = {"order_weekday": 6}


def main() -> None:
    django.setup()
    from accounts.services import change_jobs

    change_jobs.CHUNK = 50  # so that 400 retailers are eight chunks
    command, *arguments = sys.argv[1:]
    print(json.dumps(_COMMANDS[command](*arguments)))


def start() -> Any:
    """Order days of all retailers, in the queue."""
    from accounts.models import Company, User
    from accounts.services import changes
    from accounts.services.changes import Selection
    from customers.lists import RETAILERS

    company = Company.objects.get()
    user = User.objects.create_user("planner", "x" * 16, role="planner", company=company)
    action = RETAILERS.action("weekday")
    assert action is not None
    what: dict[str, Any] = {
        "spec": RETAILERS,
        "action": action,
        "selection": Selection((), everything=True),
        "params": DAYS,
        "by": user,
    }
    seen = changes.prepare_change(**what).seen
    return changes.start_change(**what, seen=seen, reason="test").pk


def undo(pk: str) -> Any:
    """Undo a change, in the queue."""
    from accounts.models import BulkChange
    from accounts.services import changes
    from accounts.services.change_jobs import find_action

    change = BulkChange.objects.get(pk=pk)
    spec, action = find_action(change)
    changes.start_undo(change=change, spec=spec, action=action, by=change.requested_by)


def work() -> Any:
    """Do what is due until stopped."""
    from django.core.management import call_command

    call_command("run_due_jobs", loop=True, seconds=0.3)


def look(pk: str) -> Any:
    """What there is now."""
    from django.db.models import Count

    from accounts.models import AuditEvent, BulkChange, ResultFile
    from customers.models import Retailer

    change = BulkChange.objects.get(pk=pk)
    events = AuditEvent.objects.filter(action="retailer.update")
    attempts = [job.attempts for job in (change.job, change.undo_job) if job is not None]
    return {
        "status": change.status,
        "counts": [change.changed, change.same, change.refused, change.restored, change.clashed],
        "days": {
            str(day): number
            for day, number in Retailer.objects.values_list("order_weekday")
            .annotate(number=Count("pk"))
            .order_by("order_weekday")
        },
        "events": events.count(),
        "objects": events.values("object_id").distinct().count(),
        "rows": change.rows.count(),
        "files": ResultFile.objects.count(),
        "attempts": attempts,
    }


_COMMANDS = {"start": start, "undo": undo, "work": work, "look": look}

if __name__ == "__main__":
    main()
