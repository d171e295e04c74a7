"""The stream of a retailer in a browser: filter, earlier ones, the address, and without JavaScript."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Comment
from accounts.roles import Role
from customers.models import Contact, Retailer
from tests.factories import City, make_city

NOTES = 45


@pytest.fixture
def city(site: str) -> City:
    return make_city()


@pytest.fixture
def shop(city, log_in) -> Retailer:
    log_in(city.people[Role.PLANNER])
    now = timezone.now()
    Comment.objects.bulk_create(
        Comment(
            company=city.company,
            object_type="customers.retailer",
            object_id=str(city.eastern.pk),
            author=city.people[Role.PLANNER],
            text=f"note {number:02}",
            created_at=now - dt.timedelta(hours=number),
        )
        for number in range(NOTES)
    )
    return city.eastern


def test_filter_and_earlier_ones_work_in_the_panel_and_survive_a_reload(shop, visit, axe):
    page = visit(reverse("retailer-detail", args=[shop.pk]))
    stream = page.locator("#timeline")
    expect(stream.locator("li[data-kind=change]")).not_to_have_count(0)

    stream.locator("nav a[href*='show=note']").click()
    expect(stream.locator("li[data-kind=change]")).to_have_count(0)
    expect(page).to_have_url(f"{page.url.partition('?')[0]}?show=note")
    stream.locator("#timeline-more a").click()
    expect(stream.locator("li[data-kind=note]")).to_have_count(40)
    stream.locator("#timeline-more a").click()
    expect(stream.locator("li[data-kind=note]")).to_have_count(NOTES)
    expect(stream.locator("#timeline-more")).to_have_count(0)
    words = stream.locator("li[data-kind=note]").all_inner_texts()
    assert [f"note {number:02}" in text for number, text in enumerate(words)] == [True] * NOTES
    days = stream.locator(".lz-day").all_inner_texts()
    assert len(days) == len(set(days))

    page.reload()
    expect(stream.locator("li[data-kind=note]")).to_have_count(20)
    expect(stream.locator("li[data-kind=change]")).to_have_count(0)
    assert axe() == []


def test_what_comes_next_opens_by_the_keyboard(shop, visit):
    Contact.objects.filter(retailer=shop).delete()
    Retailer.objects.filter(pk=shop.pk).update(manager=None)
    page = visit(reverse("retailer-detail", args=[shop.pk]))
    other = page.locator(f".lz-next a[href='{reverse('contact-add', args=[shop.pk])}']")
    expect(other).to_be_hidden()

    page.locator(".lz-next summary").focus()
    page.keyboard.press("Enter")

    expect(other).to_be_visible()
    other.click()
    expect(page).to_have_url(
        f"{page.url.split('/retailers/')[0]}{reverse('contact-add', args=[shop.pk])}"
    )
