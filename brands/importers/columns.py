"""Columns of files of products, orders and observations: what they are called here and by senders."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Company
from brands.models import LineKind, PriceClass
from customers.importers.registry import Column, Expects, Word, words_of

_RETAILER = (
    "零售户编码", "客户编码", "零售户代码", "客户代码", "零售户编号", "客户编号", "商户编码",
    "商户编号", "零售户号", "客户号", "零售客户编码", "零售客户代码", "customer code", "customer id",
    "customer no", "retailer id", "shop code",
)  # fmt: skip
_PRODUCT = (
    "品规编码", "品规代码", "卷烟编码", "卷烟代码", "商品编码", "商品代码", "规格编码", "规格代码",
    "品规编号", "卷烟编号", "商品编号", "物料编码", "sku", "sku code", "item code", "product id",
)  # fmt: skip


BY_PRICE = "auto"
YES_NO = {"1": True, "0": False, "true": True, "false": False, "yes": True, "no": False}
YES_NO |= {"是": True, "否": False}
LINE_KINDS = {
    "sale": int(LineKind.SALE),
    "return": int(LineKind.RETURN),
    "销售": int(LineKind.SALE),
    "退货": int(LineKind.RETURN),
}
_yes_no = words_of(YES_NO, [("1", _("Yes")), ("0", _("No"))])
_line_kinds = words_of(LINE_KINDS, [("sale", _("Sale")), ("return", _("Return"))])


def _price_classes(company: Company | None) -> list[Word]:
    classes = [Word(it.code, it.name, (it.name,)) for it in PriceClass.objects.all()]
    return [*classes, Word(BY_PRICE, _("by the wholesale price"))]


PRODUCTS = (
    Column(
        "product_code",
        _("Product code"),
        required=True,
        expects=Expects.CODE,
        hint=_("what the product is known by for ever; at most 40 characters"),
        synonyms=_PRODUCT,
    ),
    Column(
        "name",
        _("Name of the product"),
        required=True,
        hint=_("at most 120 characters"),
        synonyms=(
            "品规名称", "卷烟名称", "商品名称", "规格名称", "品规", "名称", "品名", "商品",
            "product name", "item name",
        ),
    ),
    Column(
        "manufacturer",
        _("Manufacturer"),
        required=True,
        hint=_("made where it is missing; at most 100 characters"),
        synonyms=(
            "生产厂家", "工业公司", "工业企业", "生产企业", "厂家", "中烟公司", "工业", "卷烟厂",
            "供应商", "maker",
        ),
    ),
    Column(
        "price_class",
        _("Price class"),
        required=True,
        expects=Expects.WORD,
        hint=_("一类 to 五类, or auto: by the wholesale price"),
        synonyms=("价类", "价位类别", "类别", "卷烟类别", "价格类别"),
        words=_price_classes,
    ),
    Column(
        "wholesale_price",
        _("Wholesale price"),
        required=True,
        expects=Expects.MONEY,
        hint=_("yuan per carton (条), above 0"),
        synonyms=("批发价", "批发价格", "含税批发价", "批发单价", "条批发价"),
    ),
    Column(
        "retail_price",
        _("Retail price"),
        required=True,
        expects=Expects.MONEY,
        hint=_("suggested retail price, yuan per carton (条), above 0"),
        synonyms=("零售价", "零售指导价", "建议零售价", "零售价格", "指导价", "条零售价"),
    ),
    Column(
        "brand",
        _("Brand"),
        hint=_("at most 60 characters"),
        synonyms=("品牌", "品牌名称", "卷烟品牌", "牌号"),
    ),
    Column(
        "carton_barcode",
        _("Bar code of the carton"),
        expects=Expects.CODE,
        hint=_("at most 20 characters"),
        synonyms=("条码", "条盒条码", "条形码", "条包条码", "商品条码", "条装条码", "barcode", "ean"),
    ),
    Column(
        "launched_on",
        _("Launched on"),
        expects=Expects.DATE,
        hint=_("a date"),
        synonyms=("上市日期", "上市时间", "投放日期", "引入日期", "启用日期"),
    ),
    Column(
        "key_brand",
        _("Key brand"),
        expects=Expects.WORD,
        hint=_("1 or 0, 是 or 否"),
        synonyms=("重点品牌", "是否重点品牌", "是否重点", "重点品规", "是否重点品规"),
        words=_yes_no,
    ),
)  # fmt: skip

ORDERS = (
    Column(
        "order_no",
        _("Order number"),
        required=True,
        expects=Expects.CODE,
        hint=_("names one order for ever; at most 60 characters"),
        synonyms=(
            "订单号", "订单编号", "订单编码", "订货单号", "单据号", "单号", "销售单号", "order id",
            "order number",
        ),
    ),
    Column(
        "line_no",
        _("Line number"),
        required=True,
        expects=Expects.WHOLE,
        hint=_("from 1 within an order; or let the lines be numbered"),
        synonyms=("行号", "明细号", "订单行号", "明细序号", "行项目", "订单明细号", "line"),
        unless=("line_no", "auto"),
    ),
    Column(
        "ordered_on",
        _("Order date"),
        required=True,
        expects=Expects.DATE,
        hint=_("a date from 2000-01-01 to a month ahead"),
        synonyms=(
            "订单日期", "订货日期", "订购日期", "下单日期", "订单时间", "订货时间", "日期", "业务日期",
            "order date", "date",
        ),
    ),
    Column(
        "retailer_code",
        _("Retailer code"),
        required=True,
        expects=Expects.CODE,
        hint=_("a retailer that was imported before"),
        synonyms=_RETAILER,
    ),
    Column(
        "product_code",
        _("Product code"),
        required=True,
        expects=Expects.CODE,
        hint=_("a product that was imported before"),
        synonyms=_PRODUCT,
    ),
    Column(
        "ordered_cartons",
        _("Ordered (cartons)"),
        required=True,
        expects=Expects.WHOLE,
        hint=_("whole cartons (条); a return is negative"),
        synonyms=(
            "条数", "订购量", "订货量", "订购数量", "订货数量", "实订量", "数量", "订单数量", "销量",
            "销售量", "成交量", "订购条数", "订货条数", "quantity", "qty", "cartons",
        ),
    ),
    Column(
        "needed_cartons",
        _("Needed (cartons)"),
        expects=Expects.WHOLE,
        hint=_("what the retailer asked for, whole cartons (条)"),
        synonyms=("需求量", "需求数量", "要货量", "需求条数", "申请量", "需求"),
    ),
    Column(
        "quota_cartons",
        _("Quota (cartons)"),
        expects=Expects.WHOLE,
        hint=_("what could be ordered, whole cartons (条)"),
        synonyms=("合理定量", "可订量", "限量", "定量", "投放量", "可用限量", "上限"),
    ),
    Column(
        "unit_price",
        _("Unit price"),
        expects=Expects.MONEY,
        hint=_("yuan per carton (条); this or the amount is needed"),
        synonyms=("单价", "批发价", "订购单价", "成交单价", "销售单价", "price"),
    ),
    Column(
        "amount",
        _("Amount"),
        expects=Expects.MONEY,
        hint=_("yuan; this or the unit price is needed"),
        synonyms=(
            "金额", "订购金额", "订货金额", "销售额", "销售金额", "订单金额", "成交金额", "货款",
            "含税金额",
        ),
    ),
    Column(
        "kind",
        _("Sale or return"),
        expects=Expects.WORD,
        hint=_("sale or return (销售/退货); a sale where it is empty"),
        synonyms=("业务类型", "订单类型", "单据类型", "类型", "销售类型", "交易类型"),
        words=_line_kinds,
    ),
)  # fmt: skip

OBSERVATIONS = (
    Column(
        "observed_on",
        _("Observed on"),
        required=True,
        expects=Expects.DATE,
        hint=_("a date from 2000-01-01 to today"),
        synonyms=("采集日期", "观察日期", "调查日期", "走访日期", "日期", "采集时间", "采价日期"),
    ),
    Column(
        "retailer_code",
        _("Retailer code"),
        required=True,
        expects=Expects.CODE,
        hint=_("a retailer that was imported before"),
        synonyms=_RETAILER,
    ),
    Column(
        "product_code",
        _("Product code"),
        required=True,
        expects=Expects.CODE,
        hint=_("a product that was imported before"),
        synonyms=_PRODUCT,
    ),
    Column(
        "shelf",
        _("On the shelf"),
        expects=Expects.WORD,
        hint=_("1 or 0, 是 or 否"),
        synonyms=("上柜", "是否上柜", "在柜", "陈列", "是否陈列", "是否有货", "上架"),
        words=_yes_no,
    ),
    Column(
        "carton_price",
        _("Price of a carton"),
        expects=Expects.MONEY,
        hint=_("yuan, above 0"),
        synonyms=("条价", "条零售价", "市场条价", "条装价格", "市场零售价", "市场价格", "市场价"),
    ),
    Column(
        "pack_price",
        _("Price of a pack"),
        expects=Expects.MONEY,
        hint=_("yuan, above 0"),
        synonyms=("包价", "包零售价", "市场包价", "盒价", "包装价格", "单包价格"),
    ),
    Column(
        "stock_cartons",
        _("Stock (cartons)"),
        expects=Expects.WHOLE,
        hint=_("whole cartons (条)"),
        synonyms=("库存", "库存量", "库存条数", "社会库存", "店内库存", "库存数量"),
    ),
    Column(
        "sold_cartons",
        _("Sold (cartons)"),
        expects=Expects.WHOLE,
        hint=_("whole cartons (条)"),
        synonyms=("销量", "销售量", "动销量", "零售量", "销售条数", "售出条数", "条数"),
    ),
    Column(
        "out_of_stock_days",
        _("Days out of stock"),
        expects=Expects.WHOLE,
        hint=_("0 to 31"),
        synonyms=("断货天数", "缺货天数", "脱销天数"),
    ),
    Column(
        "source",
        _("Source"),
        hint=_("who saw it; at most 40 characters"),
        synonyms=("来源", "数据来源", "采集人", "采集方式", "信息来源"),
    ),
)  # fmt: skip
