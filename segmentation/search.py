"""What segmentation lets people find: schemes, and the retailers of a class."""

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Permission
from config.common import search
from config.common.pinyin import search_key
from config.common.search import Hit, Provider, Query
from segmentation.models import Scheme, SchemeKind
from segmentation.selectors.schemes import class_codes, list_schemes

SCHEME, CLASSES = gettext_lazy("Class scheme"), gettext_lazy("Classes")


def find_classes(user: User, query: Query, limit: int) -> list[Hit]:
    """Schemes by name, classes by code: A 类, D30."""
    found = []
    shown = (
        "company",
        "code",
        "name",
        "kind",
        "published_run__sizes",
        "published_run__business_date",
    )
    schemes = list_schemes(user).select_related(None).select_related("published_run").only(*shown)
    for scheme in schemes:
        found += [_scheme(scheme, query), *_classes(scheme, query)]
    return sorted((hit for hit in found if hit), key=lambda hit: hit.match)[:limit]


def _scheme(scheme: Scheme, query: Query) -> Hit | None:
    key = f"{search_key(scheme.label, scheme.code)} {search.spoken(CLASSES, SCHEME)}"
    match = search.match_of(query.words, key)
    if match is None:
        return None
    url = reverse("scheme-detail", args=[scheme.pk])
    return Hit(str(scheme.pk), scheme.label, scheme.get_kind_display(), url, match)


def _classes(scheme: Scheme, query: Query) -> list[Hit]:
    run = scheme.published_run
    # One letter alone means the beginning of a name, not a class.
    if run is None or max(map(len, query.words), default=0) < 2:
        return []
    found = []
    for code in class_codes(scheme, run):
        small = code.casefold()
        key = f"{small} {small}类 {small}档 {small[1:]}档 {search_key(scheme.label, scheme.code)}"
        match = search.match_of(query.words, key)
        named = any(small in word or f"{small[1:]}档" == word for word in query.words)
        if match is None or not named:
            continue
        is_abc = scheme.kind == SchemeKind.ABC
        label = _("Retailers of class %(code)s") if is_abc else _("Retailers of tier %(code)s")
        line = f"{scheme.label} · {run.business_date.isoformat()}"
        found.append(Hit(code, label % {"code": code}, line, _list_of(code, is_abc=is_abc), match))
    return found


def _list_of(code: str, *, is_abc: bool) -> str:
    tier = code[1:]
    wanted = {"abc": code} if is_abc else {"tier_from": tier, "tier_to": tier}
    return f"{reverse('retailer-list')}?{urlencode(wanted)}"


def register() -> None:
    """Called from ``AppConfig.ready``."""
    search.register(
        Provider(
            kind="class",
            label=CLASSES,
            icon="medal",
            permission=Permission.VIEW_CLASSES,
            order=40,
            find=find_classes,
        )
    )
