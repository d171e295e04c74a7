"""Companies, their organisation tree, people, API clients, rules and the audit trail."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from accounts.roles import ROLE_PERMISSIONS, Permission, Role


class Company(models.Model):  # type: ignore[django-manager-missing]  # ApiClient has an untyped base
    """A wholesale company, usually one prefecture: the outermost wall between data."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=100, unique=True)
    is_demo = models.BooleanField(default=False, help_text="Fictional data, marked on every page.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name


class OrgLevel(models.IntegerChoices):
    COUNTY = 1, _("County")
    DEPARTMENT = 2, _("Market department")
    LINE = 3, _("Line")


class OrgUnit(models.Model):
    """A node of the tree company → county → market department → line."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="units")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    level = models.PositiveSmallIntegerField(choices=OrgLevel)
    code = models.CharField(max_length=40, help_text="Unique within the company.")
    name = models.CharField(max_length=100)
    path = models.CharField(max_length=300, help_text="Names from the county down, with slashes.")
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("organisation unit")
        verbose_name_plural = _("organisation units")
        ordering = ["company", "path"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "code"], name="accounts_orgunit_code_in_company"
            ),
            models.UniqueConstraint(
                fields=["company", "path"], name="accounts_orgunit_path_in_company"
            ),
        ]

    def __str__(self) -> str:
        return self.path


class FormerPath(models.Model):
    """What a unit was called before: files of the source system name it so for a while longer."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(OrgUnit, on_delete=models.CASCADE, related_name="former_paths")
    path = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("former path of a unit")
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["company", "path"], name="accounts_formerpath_once")
        ]

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True)
class StandsIn:
    """What a customer manager sees besides their own retailers, for a colleague.

    Args:
        manager_ids: All retailers of these customer managers.
        retailers: Primary keys of single retailers, as a query that becomes part of others; or None.
    """

    manager_ids: tuple[int, ...] = ()
    retailers: models.QuerySet[Any, Any] | None = None


_stands_in: Callable[["User"], StandsIn] | None = None


def on_stand_in(source: Callable[["User"], StandsIn]) -> None:
    """Say who stands in for whom today. Called from ``ready`` of the app that keeps those rows."""
    global _stands_in
    _stands_in = source


@dataclass(frozen=True)
class Scope:
    """Which rows a person sees. Every ``visible_to`` is written with it; empty means none.

    Args:
        everything: All companies (an administrator of the whole installation).
        company_id: The company, or None for nobody's rows.
        unit_field: Column of the retailer that must equal ``unit_id`` (``county_id`` …), or empty.
        manager_id: Only retailers of this customer manager, or None.
        partner: Name of the manufacturer whose brands an industry partner sees, or empty.
        stands_in: What somebody with a ``manager_id`` also sees, for a colleague.
    """

    everything: bool = False
    company_id: int | None = None
    unit_field: str = ""
    unit_id: int | None = None
    manager_id: int | None = None
    partner: str = ""
    stands_in: StandsIn = StandsIn()

    def retailer_filter(self, prefix: str = "") -> models.Q | None:
        """A filter on retailer columns, or None when this person sees no retailer at all."""
        if self.everything:
            return models.Q()
        if self.company_id is None or self.partner:
            return None
        wanted: dict[str, Any] = {f"{prefix}company_id": self.company_id}
        if self.unit_field:
            wanted[f"{prefix}{self.unit_field}"] = self.unit_id
        if self.manager_id is None:
            return models.Q(**wanted)
        return models.Q(**wanted) & self._looked_after(prefix, self.manager_id)

    def _looked_after(self, prefix: str, manager_id: int) -> models.Q:
        managers = [manager_id, *self.stands_in.manager_ids]
        seen = models.Q(**{f"{prefix}manager_id__in": managers})
        if self.stands_in.retailers is not None:
            seen |= models.Q(**{f"{prefix}id__in": self.stands_in.retailers})
        return seen

    @property
    def whole_company(self) -> bool:
        """True when no part of the company is hidden."""
        return self.everything or bool(
            self.company_id and not self.unit_field and self.manager_id is None and not self.partner
        )


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        fields.setdefault("role", Role.ADMINISTRATOR)
        return self.create_user(username, password, **fields)

    def visible_to(self, user: "User") -> models.QuerySet["User"]:
        scope = user.scope
        if scope.everything:
            return self.all()
        if not user.has(Permission.MANAGE_USERS) or scope.company_id is None:
            return self.filter(pk=user.pk)
        return self.filter(company_id=scope.company_id)


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # ApiClient has an untyped base
    """A person who logs in. One role; seen rows follow from company, unit and role."""

    username = models.CharField(
        _("user name"),
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[\w.@+-]+\Z")],
    )
    display_name = models.CharField(_("name"), max_length=60, default="", blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    company = models.ForeignKey(
        Company,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="users",
        verbose_name=_("company"),
        help_text="Empty only for an administrator of the whole installation.",
    )
    unit = models.ForeignKey(
        OrgUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="users"
    )
    partner_of = models.CharField(
        max_length=100, default="", blank=True, help_text="Manufacturer, for an industry partner."
    )
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(
        default=False,
        db_default=False,
        help_text="The password was made by somebody else; one's own comes first.",
    )
    password_changed_at = models.DateTimeField(
        null=True, blank=True, help_text="By this person themselves."
    )
    previous_password = models.CharField(
        max_length=128,
        default="",
        db_default="",
        blank=True,
        help_text="Hash of the last one, not to come back.",
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(company__isnull=False) | models.Q(role=Role.ADMINISTRATOR),
                name="accounts_user_company_unless_administrator",
            ),
            models.CheckConstraint(
                condition=~models.Q(role=Role.PARTNER) | ~models.Q(partner_of=""),
                name="accounts_user_partner_has_manufacturer",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def permissions(self) -> frozenset[Permission]:
        """What this person may do at all."""
        return ROLE_PERMISSIONS.get(self.role, frozenset()) if self.is_active else frozenset()

    def has(self, permission: Permission) -> bool:
        """May this person do it at all?"""
        return permission in self.permissions

    @cached_property
    def stands_in_for(self) -> StandsIn:
        """For whom this person stands in today; asked once per request, as each loads its person."""
        return _stands_in(self) if _stands_in is not None else StandsIn()

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """As usual; also for whom this person stands in is asked again."""
        self.__dict__.pop("stands_in_for", None)
        super().refresh_from_db(*args, **kwargs)

    @property
    def scope(self) -> Scope:
        """Which rows this person sees."""
        if self.company_id is None:
            return Scope(everything=self.role == Role.ADMINISTRATOR and self.is_active)
        if self.role == Role.PARTNER:
            return Scope(company_id=self.company_id, partner=self.partner_of)
        if self.role == Role.CUSTOMER_MANAGER:
            return Scope(
                company_id=self.company_id, manager_id=self.pk, stands_in=self.stands_in_for
            )
        if self.unit_id is not None:
            unit = self.unit
            assert unit is not None  # noqa: S101 - narrows the type
            field = {1: "county_id", 2: "department_id", 3: "line_id"}[unit.level]
            return Scope(company_id=self.company_id, unit_field=field, unit_id=unit.pk)
        return Scope(company_id=self.company_id)


class ScopedQuerySet(models.QuerySet[Any]):
    """Base of querysets whose rows belong to a company and nothing smaller."""

    company_field = "company_id"

    def visible_to(self, user: User) -> Self:
        """Rows of this person's company; all for an administrator of the installation."""
        scope = user.scope
        if scope.everything:
            return self
        if scope.company_id is None or scope.partner:
            return self.none()
        return self.filter(**{self.company_field: scope.company_id})


class ApiClient(AbstractApplication):  # type: ignore[misc]
    """A machine that talks to us, such as the ordering system; bound to one company."""

    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, related_name="api_clients"
    )
    order_source = models.CharField(
        max_length=20,
        default="main",
        help_text="Name space of this client's order numbers: (source, order_no) is one order.",
    )
    allowed_scopes = models.CharField(max_length=300, default="", blank=True)
    is_active = models.BooleanField(default=True)
    last_used_at = models.DateTimeField(
        null=True, help_text="To within some minutes: not every request writes."
    )

    class Meta(AbstractApplication.Meta):  # type: ignore[misc]
        verbose_name = _("API client")

    def __str__(self) -> str:
        return str(self.name)

    def is_usable(self, request: Any) -> bool:
        """May it get tokens, and do those it has still count? Asked at every request."""
        return self.is_active and self.company_id is not None


class PolicyVersion(models.Model):
    """A business rule as of a date. Never changed: a correction is a new version.

    ``code`` names the rule (``allocation.total`` …); the app that owns it describes its parameters.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="policies")
    code = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    effective_from = models.DateField()
    params = models.JSONField()
    note = models.CharField(max_length=200, default="", blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "code", "version"], name="accounts_policyversion_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class AuditEvent(models.Model):
    """Who did what to which object, when, from what to what. The database refuses changes to it."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    actor_label = models.CharField(max_length=100, help_text="Also names machines and the night.")
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60, default="")
    object_id = models.CharField(max_length=60, default="")
    object_label = models.CharField(max_length=200, default="")
    changes = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, default="")
    request_id = models.CharField(max_length=40, default="")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        indexes = [
            models.Index(fields=["company", "-at"], name="accounts_auditevent_recent"),
            models.Index(
                fields=["object_type", "object_id", "-at"], name="accounts_auditevent_object"
            ),
            # Rare ones are found without reading all; frequent ones from the newest on.
            models.Index(fields=["action", "-id"], name="accounts_auditevent_action"),
            models.Index(fields=["object_type", "-id"], name="accounts_auditevent_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_label} {self.action}"

    @property
    def on(self) -> dt.date:
        """The day, in the local time zone."""
        return timezone.localtime(self.at).date()
