"""Uploads are hostile: the first limit works while bytes still arrive."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Spools to a temporary file and stops as soon as a body is larger than allowed."""

    received = 0

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - the name is Django's
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        """Refuse by the declared length before anything is read."""
        if content_length > settings.UPLOAD_MAX_BYTES + 1024 * 1024:
            self._refuse()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Count what really comes: the declared length may lie."""
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_MAX_BYTES:
            self.file.close()  # and with it, it is deleted
            self._refuse()
        super().receive_data_chunk(raw_data, start)

    def _refuse(self) -> None:
        if self.request is not None:
            self.request.upload_refused = True  # type: ignore[attr-defined]
        # Django answers 400 to it from wherever it is raised; our handler makes 413 of that.
        raise RequestDataTooBig("an upload above UPLOAD_MAX_BYTES")
