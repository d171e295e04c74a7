"""Static files with hashed names, also inside ES modules."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrites ``import "./x.js"`` to the hashed name, so that a browser never mixes two releases."""

    support_js_module_import_aggregation = True
