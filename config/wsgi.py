"""Entry point of gunicorn."""

import json
import os
import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
_CHARSET = re.compile(r"charset\s*=\s*\"?([^\";\s]*)", re.IGNORECASE)


def only_utf8(inner: Application) -> Application:
    """Refuse bodies declared in another charset, before Django makes a request of them.

    Django decodes even the query string with whatever codec a client names; with "zlib" or "idna" that
    ends in an error outside of all middleware.
    """

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        match = _CHARSET.search(environ.get("CONTENT_TYPE", ""))
        if match is None or match[1].lower() in {"utf-8", "utf8"}:
            return inner(environ, start_response)
        # Here no middleware has numbered the request yet.
        number = uuid.uuid4().hex[:12]
        body = _problem(number)
        headers = [
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
            ("X-Request-Id", number),
        ]
        start_response("415 Unsupported Media Type", headers)
        return [body]

    return application


def _problem(number: str) -> bytes:
    body = {
        "type": "about:blank",
        "title": "Unsupported Media Type",
        "status": 415,
        "code": "unsupported_charset",
        "detail": "Only UTF-8 is understood.",
        "extra": {},
        "request_id": number,
    }
    return json.dumps(body, separators=(",", ":")).encode()


application = only_utf8(get_wsgi_application())
