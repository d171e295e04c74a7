"""What customers lets people find: retailers, files, and the upload."""

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Permission
from config.common import search
from config.common.personal import masked_phone
from config.common.search import Action, Hit, Match, Provider, Query
from config.common.templatetags.lz import file_kind, moment
from customers.models import ImportedFile, RetailerStatus
from customers.selectors.files import list_files
from customers.selectors.search import (
    FoundRetailer,
    best_retailers,
    retailers_by_key,
    retailers_by_phone,
)


def find_retailers(user: User, query: Query, limit: int) -> list[Hit]:
    """By code, licence number, name and initials; by the last digits of a number for who may see it."""
    found = [_retailer(row) for row in best_retailers(user, query, limit)]
    phones = [_retailer(row) for row in retailers_by_phone(user, query, limit)]
    # A code that is meant exactly stays first; a number comes before what only holds its digits.
    exact = [hit for hit in found if hit.match == Match.EXACT]
    rest = [hit for hit in found if hit.match != Match.EXACT]
    return list({hit.key: hit for hit in reversed([*exact, *phones, *rest])}.values())[::-1][:limit]


def recall_retailers(user: User, keys: list[str]) -> list[Hit]:
    """Retailers that were opened before and may still be seen."""
    return [_retailer(row) for row in retailers_by_key(user, search.whole_numbers(keys))]


def _retailer(row: FoundRetailer) -> Hit:
    facts = [row.code]
    if row.phone:
        facts.append(_("telephone %(number)s") % {"number": masked_phone(row.phone)})
    if row.county:
        facts.append(row.county)
    if row.status != RetailerStatus.ACTIVE:
        facts.append(str(RetailerStatus(row.status).label))
    url = reverse("retailer-detail", args=[row.pk])
    return Hit(str(row.pk), row.name, " · ".join(facts), url, row.match)


def find_files(user: User, query: Query, limit: int) -> list[Hit]:
    """Files by their name, the newest first; they have no code."""
    if query.codes_only:
        return []
    shown = ("name", "kind", "status", "uploaded_at")
    files = list_files(user).select_related(None).only(*shown)
    for word in query.words:
        files = files.filter(name__icontains=word)
    return [_file(row, query) for row in files.order_by("-uploaded_at", "-pk")[:limit]]


def _file(row: ImportedFile, query: Query) -> Hit:
    match = search.match_of(query.words, row.name.casefold())
    return Hit(
        key=str(row.pk),
        label=row.name,
        line=" · ".join([file_kind(row.kind), row.get_status_display(), moment(row.uploaded_at)]),
        url=reverse("file-detail", args=[row.pk]),
        match=Match.CONTAINED if match is None else match,
    )


def register() -> None:
    """Called from ``AppConfig.ready``."""
    search.register(
        Provider(
            kind="retailer",
            label=gettext_lazy("Retailers"),
            icon="building-store",
            permission=Permission.VIEW_RETAILERS,
            order=10,
            find=find_retailers,
            recall=recall_retailers,
            page="retailer-detail",
            more=lambda words: f"{reverse('retailer-list')}?{urlencode({'q': words})}",
        )
    )
    search.register(
        Provider(
            kind="file",
            label=gettext_lazy("Files"),
            icon="file-import",
            permission=Permission.VIEW_FILES,
            order=60,
            find=find_files,
        )
    )
    search.register_action(
        Action(
            gettext_lazy("Upload a file"),
            "file-upload",
            "upload",
            Permission.IMPORT_FILES,
            words="import upload csv xlsx 导入 上传",
        )
    )
