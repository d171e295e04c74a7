"""What every endpoint of the REST API starts from."""

from typing import Any

from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.permissions import ScopedPermission
from accounts.models import User
from accounts.roles import Permission
from config.common.api_input import check_parameters


class ScopedView(APIView):
    """Says which people and machines may call it and which query parameters it knows."""

    people: Permission | None = None
    machines: str | None = None
    parameters: tuple[str, ...] = ()
    permission_classes = (ScopedPermission,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After who and whether: refuse parameters that mean nothing here."""
        super().initial(request, *args, **kwargs)
        check_parameters(request, self.known_parameters())

    @property
    def caller(self) -> User:
        """The person, or the stand-in of a machine; nobody while the schema is made."""
        user = getattr(getattr(self, "request", None), "user", None)
        return user if isinstance(user, User) else User()

    def known_parameters(self) -> set[str]:
        """Names of the query parameters, with those of filters and pages."""
        known = set(self.parameters)
        filters = getattr(self, "filterset_class", None)
        if filters is not None:
            known |= set(filters.base_filters)
        if getattr(self, "pagination_class", None) is not None:
            known |= {"cursor", "page_size"}
        return known
