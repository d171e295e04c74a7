"""Names of schemes as people read them."""

import pytest
from django.utils import translation

from segmentation.models import scheme_label


@pytest.mark.parametrize("stored", ["30 tiers", "30 档位"])
def test_a_scheme_that_everybody_starts_with_is_named_in_the_readers_language(stored):
    names = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            names[language] = scheme_label("tier30", stored)

    assert names == {"zh-hans": "30 档位", "en": "30 tiers"}


def test_a_name_of_ones_own_stays_in_every_language():
    with translation.override("en"):
        assert scheme_label("tier30", "我们的档位") == "我们的档位"
        assert scheme_label("own", "30 档位") == "30 档位"
