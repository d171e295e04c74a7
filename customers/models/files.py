"""Files that came in: what became of them, how their columns were read, how to take them back."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, ScopedQuerySet, User


class ImportedFile(models.Model):
    """A file somebody uploaded or imported, and what became of it."""

    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        REFUSED = "refused", _("Refused")
        APPLYING = "applying", _("Being applied")
        APPLIED = "applied", _("Applied")
        FAILED = "failed", _("Failed")
        REVERTING = "reverting", _("Being reverted")
        REVERTED = "reverted", _("Reverted")

    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    kind = models.CharField(max_length=20)
    name = models.CharField(
        max_length=200, help_text="As the user called it; never used as a path."
    )
    path = models.CharField(max_length=200, default="", help_text="Below MEDIA_ROOT.")
    mapping = models.TextField(default="", blank=True, help_text="TOML, as it was sent along.")
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.UPLOADED)
    partial = models.BooleanField(default=False)
    imported = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=dict, help_text="Reason code: number of rows.")
    preview = models.JSONField(default=list, help_text="The first refused rows.")
    message = models.TextField(default="", blank=True)
    errors_path = models.CharField(max_length=200, default="")
    job = models.ForeignKey("common.JobRun", on_delete=models.SET_NULL, null=True, related_name="+")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)
    source = models.CharField(
        max_length=64, default="", blank=True, help_text="Fingerprint of its columns."
    )
    outcome = models.JSONField(
        default=dict,
        help_text="Figures of the dry run and of the result: new, changed, same, clash.",
    )
    result_path = models.CharField(max_length=200, default="", help_text="Below MEDIA_ROOT.")
    undo = models.JSONField(
        default=dict, help_text="What else is needed to revert it, such as the batch of its orders."
    )
    reverted_at = models.DateTimeField(null=True)
    reverted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        indexes = [models.Index(fields=["company", "-uploaded_at"], name="customers_file_recent")]

    def __str__(self) -> str:
        return self.name


class ImportedChange(models.Model):
    """One object that a file made or changed, as it was and as it became: what reverting needs."""

    file = models.ForeignKey(ImportedFile, on_delete=models.CASCADE, related_name="changes")
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    before = models.JSONField(null=True, help_text="None: the file made it.")
    after = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("change by a file")
        indexes = [
            models.Index(fields=["file", "object_type", "object_id"], name="customers_change_file")
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id}"


class RememberedMapping(models.Model):
    """How somebody last matched the columns of files that look like this one."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=64, help_text="Fingerprint of the columns of the file.")
    name = models.CharField(max_length=200, default="", help_text="Of the last such file.")
    mapping = models.TextField(help_text="TOML.")
    used_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    used_at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("remembered mapping")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "kind", "source"], name="customers_mapping_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
