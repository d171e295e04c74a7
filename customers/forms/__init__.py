"""Forms of customers."""

from customers.forms.files import UploadForm

__all__ = ["UploadForm"]
