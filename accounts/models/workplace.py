"""What people work with: their views of lists, changes of many rows, notices, comments, drafts.

Objects of other apps are named by ``object_type`` (``customers.retailer``) and ``object_id``, as the
audit trail does it, so that nothing here knows the apps above.
"""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.identity import Company, ScopedQuerySet, User
from accounts.roles import Role


class OwnQuerySet(models.QuerySet[Any]):
    """Base of querysets whose rows belong to one person and are nobody else's business."""

    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)


# --- lists --------------------------------------------------------------------------------


class ViewAudience(models.TextChoices):
    PRIVATE = "private", _("Only me")
    COMPANY = "company", _("Everybody in the company")
    ROLE = "role", _("Everybody with a role")


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> Self:
        """Own views, and those shared with the company or with this person's role."""
        own = Q(owner=user)
        if user.company_id is None:
            return self.filter(own)
        shared = Q(audience=ViewAudience.COMPANY) | Q(audience=ViewAudience.ROLE, role=user.role)
        return self.filter(own | (shared & Q(company=user.company_id)))


class SavedView(models.Model):
    """A list as somebody wants to see it again: filters, order, columns, widths, density."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+", null=True)
    list_name = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=60)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    audience = models.CharField(max_length=10, choices=ViewAudience, default=ViewAudience.PRIVATE)
    role = models.CharField(max_length=20, choices=Role, default="", blank=True)
    is_default = models.BooleanField(
        default=False, help_text="Opens when the list is opened without an address of its own."
    )
    query = models.CharField(
        max_length=2000, default="", blank=True, help_text="Filters and order, as in the address."
    )
    layout = models.JSONField(
        default=dict, help_text="columns: [code, …]; widths: {code: px}; density."
    )
    version = models.PositiveIntegerField(default=1, help_text="Guards against lost updates.")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        ordering = ["list_name", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "list_name", "name"], name="accounts_savedview_name_once"
            ),
            models.UniqueConstraint(
                fields=["company", "list_name", "role"],
                condition=Q(audience="role", is_default=True),
                name="accounts_savedview_one_default_per_role",
            ),
            models.UniqueConstraint(
                fields=["owner", "list_name"],
                condition=Q(audience="private", is_default=True),
                name="accounts_savedview_one_own_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BulkStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    DONE = "done", _("Done")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")
    FAILED = "failed", _("Failed")


class BulkOutcome(models.TextChoices):
    CHANGED = "changed", _("Changed")
    SAME = "same", _("Was so already")
    REFUSED = "refused", _("Refused")
    RESTORED = "restored", _("Restored")
    CLASH = "clash", _("Changed by somebody since")


class BulkChange(models.Model):
    """One change of many rows: what was chosen, what was done, and what is needed to undo it."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", null=True)
    list_name = models.CharField(max_length=40)
    action = models.CharField(max_length=40)
    params = models.JSONField(default=dict, help_text="What the person filled in.")
    selection = models.JSONField(help_text='{"keys": [1, 2]} or {"query": "?county=3"}.')
    expected = models.PositiveIntegerField(help_text="Rows that the person was shown.")
    reason = models.CharField(max_length=300, default="", blank=True)
    status = models.CharField(max_length=10, choices=BulkStatus, default=BulkStatus.QUEUED)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    restored = models.PositiveIntegerField(default=0)
    clashed = models.PositiveIntegerField(default=0)
    job = models.ForeignKey("common.JobRun", on_delete=models.SET_NULL, null=True, related_name="+")
    undo_job = models.ForeignKey(
        "common.JobRun", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk change")
        indexes = [
            models.Index(fields=["company", "-created_at"], name="accounts_bulkchange_recent")
        ]

    def __str__(self) -> str:
        return f"{self.list_name}.{self.action} #{self.pk}"


class BulkChangeRow(models.Model):
    """One row of a bulk change, as it was and as it became."""

    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="rows")
    object_id = models.BigIntegerField()
    label = models.CharField(max_length=200, default="")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    outcome = models.CharField(max_length=10, choices=BulkOutcome)
    message = models.CharField(max_length=300, default="")

    class Meta:
        verbose_name = _("row of a bulk change")
        constraints = [
            models.UniqueConstraint(
                fields=["change", "object_id"], name="accounts_bulkchangerow_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.outcome}"


class ResultFile(models.Model):
    """A file that a job made for a person: an export, or the result of a bulk change."""

    job = models.OneToOneField(
        "common.JobRun", on_delete=models.CASCADE, related_name="result_file"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    path = models.CharField(max_length=200, help_text="Below MEDIA_ROOT.")
    rows = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("result file")

    def __str__(self) -> str:
        return self.name


# --- a person's own desk ------------------------------------------------------------------


class Preference(models.Model):
    """How a person has arranged something: cards of the home page, widths of columns, muted notices."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="preferences")
    key = models.CharField(max_length=60)
    value = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="accounts_preference_once")
        ]

    def __str__(self) -> str:
        return self.key


class RecentItem(models.Model):
    """What a person opened last, for the search box."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recent_items")
    kind = models.CharField(max_length=20)
    object_id = models.CharField(max_length=60)
    seen_at = models.DateTimeField(default=timezone.now)

    objects = OwnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "object_id"], name="accounts_recentitem_once"
            )
        ]
        indexes = [models.Index(fields=["user", "-seen_at"], name="accounts_recentitem_latest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class Notification(models.Model):
    """Something that a person should know. Words are made when it is read, in the reader's language."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40, help_text="Says which words and which symbol.")
    params = models.JSONField(default=dict, help_text="Figures and names for the words.")
    url = models.CharField(max_length=300, default="")
    dedupe_key = models.CharField(max_length=120, help_text="The same thing is told once.")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "dedupe_key"], name="accounts_notification_once"
            )
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="accounts_notification_latest"),
            models.Index(
                fields=["user"], condition=Q(read_at=None), name="accounts_notification_unread"
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class Comment(models.Model):
    """What somebody noted about an object; ``pinned_at`` keeps it on top of the timeline."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=4000, default="", blank=True)
    mentions = models.ManyToManyField(User, related_name="+", blank=True)
    file_name = models.CharField(max_length=200, default="", blank=True)
    file_path = models.CharField(max_length=200, default="", help_text="Below MEDIA_ROOT.")
    file_bytes = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    pinned_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        indexes = [
            models.Index(
                fields=["object_type", "object_id", "-created_at"], name="accounts_comment_object"
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Draft(models.Model):
    """What was typed into a form and not sent yet, kept by the server until it is."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="drafts")
    form_key = models.CharField(max_length=120, help_text="Path of the page and name of the form.")
    fields = models.JSONField()
    saved_at = models.DateTimeField(default=timezone.now)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        constraints = [
            models.UniqueConstraint(fields=["user", "form_key"], name="accounts_draft_once")
        ]

    def __str__(self) -> str:
        return self.form_key
