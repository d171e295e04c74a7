"""Reads of imported files."""

from django.db.models import QuerySet

from accounts.models import User
from customers.models import ImportedFile


def list_files(user: User) -> QuerySet[ImportedFile]:
    """Files of this person's companies, with who uploaded them and their job."""
    return ImportedFile.objects.visible_to(user).select_related("uploaded_by", "job")
