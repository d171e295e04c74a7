"""What segmentation brings to the administration: the last of the first steps, its objects in the trail."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Company
from config.common import audit_objects, setup
from config.common.setup import State, Step
from segmentation.models import Scheme


def _published_state(company: Company) -> State:
    schemes = list(Scheme.objects.filter(company=company, is_active=True))
    published = [scheme.label for scheme in schemes if scheme.published_run_id]
    done = bool(schemes) and len(published) == len(schemes)
    return State(done=done, words=", ".join(published))


STEP = Step(
    code="classes",
    title=_("Tiers and ABC classes"),
    text=_(
        "The night only proposes. A person looks at the sizes, opens some retailers to see why, and publishes."
    ),
    order=100,
    state=_published_state,
    url=lambda company: reverse("scheme-list"),
    label=_("Look at the proposals"),
    icon="medal",
)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    setup.register(STEP)
    audit_objects.register("segmentation.scheme", "scheme-detail", "view_classes")
    audit_objects.register("segmentation.segmentationrun")
