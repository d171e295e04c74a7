"""Columns of a file of retailers: what they are called here and by those who send them."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, OrgUnit, User
from accounts.roles import Role
from customers.importers.proposal import plain_name
from customers.importers.registry import Column, Expects, Word, Words, words_of
from customers.models import BiweeklyOrder, CodeItem, CodeKind, RetailerStatus

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS: dict[str, int] = {
    word: number
    for number, (english, chinese) in enumerate(zip(_DAYS, "一二三四五六日", strict=True), start=1)
    for word in (str(number), f"周{chinese}", f"星期{chinese}", english[:3], english)
} | {"周天": 7, "星期天": 7}
BIWEEKLY = {
    "odd": BiweeklyOrder.ODD.value,
    "even": BiweeklyOrder.EVEN.value,
    "weekly": BiweeklyOrder.WEEKLY.value,
    "单": BiweeklyOrder.ODD.value,
    "双": BiweeklyOrder.EVEN.value,
    "单周": BiweeklyOrder.ODD.value,
    "双周": BiweeklyOrder.EVEN.value,
    "每周": BiweeklyOrder.WEEKLY.value,
}
STATUSES = {
    "active": RetailerStatus.ACTIVE.value,
    "suspended": RetailerStatus.SUSPENDED.value,
    "closed": RetailerStatus.CLOSED.value,
    "正常": RetailerStatus.ACTIVE.value,
    "暂停": RetailerStatus.SUSPENDED.value,
    "停业": RetailerStatus.CLOSED.value,
}
_WEEKDAYS = [
    ("1", _("Monday")),
    ("2", _("Tuesday")),
    ("3", _("Wednesday")),
    ("4", _("Thursday")),
    ("5", _("Friday")),
    ("6", _("Saturday")),
    ("7", _("Sunday")),
]
_WEEKS = [("weekly", _("Every week")), ("odd", _("Odd weeks")), ("even", _("Even weeks"))]


def _codes(kind: CodeKind) -> Words:
    def words(company: Company | None) -> list[Word]:
        items = CodeItem.objects.filter(company=company, kind=kind, is_active=True)
        return [Word(item.code, item.name, (item.name,)) for item in items]

    return words


def _units(company: Company | None) -> list[Word]:
    if company is None:
        return []
    units = OrgUnit.objects.filter(company=company, is_active=True).order_by("path")
    return [Word(f"{company.code}/{path}", path) for path in units.values_list("path", flat=True)]


def managers_of(company: Company | None) -> QuerySet[User]:
    """Whom a file may name as customer manager."""
    people = User.objects.filter(role=Role.CUSTOMER_MANAGER, is_active=True, company=company)
    return people.order_by("username")


def _people(company: Company | None) -> list[Word]:
    if company is None:
        return []
    return [Word(one.username, str(one), (str(one),)) for one in managers_of(company)]


COLUMNS = (
    Column(
        "retailer_code",
        _("Retailer code"),
        required=True,
        expects=Expects.CODE,
        hint=_("what the retailer is known by for ever; at most 60 characters"),
        synonyms=(
            "零售户编码", "客户编码", "零售户代码", "客户代码", "零售户编号", "客户编号",
            "商户编码", "商户编号", "零售户号", "客户号", "客户码", "零售客户编码", "零售客户代码",
            "customer code", "customer id", "customer no", "retailer id", "retailer no", "shop code",
        ),
    ),
    Column(
        "name",
        _("Name of the shop"),
        required=True,
        hint=_("as it stands on the sign; at most 120 characters"),
        synonyms=(
            "零售户名称", "客户名称", "店铺名称", "商户名称", "企业名称", "字号", "店名", "名称",
            "零售客户名称", "企业字号", "经营户名称", "retailer name", "customer name", "shop name",
        ),
    ),
    Column(
        "organisation",
        _("Organisation"),
        required=True,
        hint=_("company/county/market department/line; the last two may be left out"),
        synonyms=(
            "组织", "组织机构", "机构", "所属机构", "组织路径", "所属组织", "所属单位", "organization",
            "org path",
        ),
        words=_units,
        open=True,
        path=True,
    ),
    Column(
        "licence_no",
        _("Licence number"),
        expects=Expects.CODE,
        hint=_("of the retail licence for tobacco; at most 40 characters"),
        synonyms=(
            "许可证号", "许可证号码", "专卖许可证号", "烟草专卖零售许可证号", "专卖证号", "许可证编号",
            "烟草证号", "零售许可证号", "licence", "license no", "license number",
        ),
    ),
    Column(
        "format",
        _("Format"),
        expects=Expects.WORD,
        hint=_("code or name of the list of formats"),
        synonyms=("业态", "经营业态", "零售业态", "业态类型", "业态名称", "经营类型"),
        words=_codes(CodeKind.FORMAT),
    ),
    Column(
        "market_type",
        _("Market type"),
        expects=Expects.WORD,
        hint=_("code or name of the list of market types"),
        synonyms=("市场类型", "城乡类型", "城乡分类", "城网农网", "市场类别", "区域类型"),
        words=_codes(CodeKind.MARKET_TYPE),
    ),
    Column(
        "trade_area",
        _("Trade area"),
        expects=Expects.WORD,
        hint=_("code or name of the list of trade areas"),
        synonyms=("商圈", "商圈类型", "所属商圈", "商圈名称", "地理位置类型"),
        words=_codes(CodeKind.TRADE_AREA),
    ),
    Column(
        "compliance_grade",
        _("Compliance grade"),
        expects=Expects.WORD,
        hint=_("code or name of the list of compliance grades"),
        synonyms=("守法等级", "诚信等级", "诚信互助等级", "信用等级", "守法诚信等级", "诚信级别"),
        words=_codes(CodeKind.COMPLIANCE),
    ),
    Column(
        "order_weekday",
        _("Order weekday"),
        expects=Expects.WORD,
        hint=_("1 to 7, 周一 to 周日, Mon to Sun"),
        synonyms=("订货日", "订货周期日", "订货星期", "订货周日", "访销日", "订单日"),
        words=words_of(WEEKDAYS, _WEEKDAYS),
    ),
    Column(
        "biweekly",
        _("Order weeks"),
        expects=Expects.WORD,
        hint=_("odd or even weeks (单/双); every week where it is empty"),
        synonyms=("单双周", "订货周", "订货频次", "周次", "订货周次"),
        words=words_of(BIWEEKLY, _WEEKS),
    ),
    Column(
        "address",
        _("Address"),
        hint=_("at most 200 characters"),
        synonyms=("地址", "经营地址", "店铺地址", "详细地址", "门店地址", "经营场所", "客户地址"),
    ),
    Column(
        "longitude",
        _("Longitude"),
        expects=Expects.DECIMAL,
        hint=_("degrees, together with the latitude"),
        synonyms=("经度", "经度坐标", "坐标经度", "lng", "lon", "long"),
    ),
    Column(
        "latitude",
        _("Latitude"),
        expects=Expects.DECIMAL,
        hint=_("degrees, together with the longitude"),
        synonyms=("纬度", "纬度坐标", "坐标纬度", "lat"),
    ),
    Column(
        "phone",
        _("Phone"),
        expects=Expects.CODE,
        hint=_("of the person who decides: 5 to 30 digits"),
        synonyms=(
            "联系电话", "电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "订货电话",
            "经营者电话", "负责人电话", "mobile", "telephone", "tel", "phone number",
        ),
        personal=True,
    ),
    Column(
        "opened_on",
        _("Opened on"),
        expects=Expects.DATE,
        hint=_("a date"),
        synonyms=("开业日期", "开户日期", "入网日期", "入网时间", "开户时间", "发证日期", "建档日期"),
    ),
    Column(
        "tier",
        _("Tier in the source system"),
        expects=Expects.WHOLE,
        hint=_("a whole number from 1 to 99"),
        synonyms=("档位", "客户档位", "零售户档位", "当前档位", "档级", "客户档级", "档次"),
    ),
    Column(
        "status",
        _("Status"),
        expects=Expects.WORD,
        hint=_("active, suspended or closed (正常/暂停/停业)"),
        synonyms=("状态", "客户状态", "零售户状态", "经营状态", "营业状态", "使用状态"),
        words=words_of(STATUSES, RetailerStatus.choices),
    ),
    Column(
        "manager",
        _("Customer manager"),
        expects=Expects.WORD,
        hint=_("name or user name; for shops that nobody looks after, others are handed over"),
        synonyms=(
            "客户经理", "客户经理姓名", "所属客户经理", "服务客户经理", "客户经理账号", "片区经理",
            "customer manager", "account manager", "manager",
        ),
        words=_people,
    ),
)  # fmt: skip

# Names of the parts of a path of the organisation, from the county down.
PARTS = (
    (
        "县级局", "县局", "县公司", "县级公司", "县级局分公司", "分公司", "区县", "县区", "营销部",
        "县级营销部", "单位", "所属县局", "区域", "county",
    ),
    (
        "市场部", "市场营销部", "客户服务部", "所属市场部", "片区", "服务站", "department",
        "market department",
    ),
    ("线路", "访销线路", "服务线路", "订货线路", "线路名称", "客户经理线路", "line", "route"),
)  # fmt: skip


def compose(header: Sequence[str], company: Company | None) -> dict[str, str]:
    """The organisation put together from columns of its parts: ``T/{县级局}/{市场部}``."""
    plain = {plain_name(name): name for name in header if "{" not in name and "}" not in name}
    found: list[str] = []
    for names in PARTS:
        part = next((plain[name] for name in map(plain_name, names) if name in plain), None)
        if part is None:
            break
        found.append("{" + part + "}")
    if not found or company is None:
        return {}
    return {"organisation": "/".join([company.code, *found])}
