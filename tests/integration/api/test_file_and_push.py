"""The same order by file and by push is one order."""

from django.core.management import call_command

from brands.models import Order
from tests.integration.api.conftest import line, order

HEADER = "order_no,line_no,ordered_on,retailer_code,product_code,ordered_cartons,needed_cartons,unit_price\n"


def test_an_imported_order_that_is_pushed_again_is_unchanged(push, city, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(HEADER + "N1,1,2026-11-20,R1,P1,5,8,100.00\nN1,2,2026-11-20,R1,P2,2,,100.00\n")
    call_command("import_orders", str(file), company=city.company.code)
    assert Order.objects.get().cartons == 7

    same = push(
        order(lines=[line(2, product_code="P2", ordered_cartons=2), line(1, needed_cartons=8)])
    )
    other = push(order(lines=[line(1, ordered_cartons=6)]))

    assert same.json()["results"][0]["status"] == "unchanged"
    assert other.json()["results"][0]["code"] == "order_clash"
