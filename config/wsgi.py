"""Entry point of gunicorn."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
_CHARSET = re.compile(r"charset\s*=\s*\"?([^\";\s]*)", re.IGNORECASE)
_PROBLEM = (
    b'{"type":"about:blank","title":"unsupported_charset","status":415,'
    b'"code":"unsupported_charset","detail":"Only UTF-8 is understood.","extra":{}}'
)


def only_utf8(inner: Application) -> Application:
    """Refuse bodies declared in another charset, before Django makes a request of them.

    Django decodes even the query string with whatever codec a client names; with "zlib" or "idna" that
    ends in an error outside of all middleware.
    """

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        match = _CHARSET.search(environ.get("CONTENT_TYPE", ""))
        if match is None or match[1].lower() in {"utf-8", "utf8"}:
            return inner(environ, start_response)
        headers = [
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(_PROBLEM))),
            ("Connection", "close"),
        ]
        start_response("415 Unsupported Media Type", headers)
        return [_PROBLEM]

    return application


application = only_utf8(get_wsgi_application())
