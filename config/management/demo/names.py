"""Fictional names: of places, shops and people. Any likeness to real ones is chance."""

import numpy as np

CITY = "云泽市"
COMPANY = "云泽市烟草公司（演示）"
COUNTIES = ("澄溪区", "望岚区", "禾渡县", "松涧县", "雁鸣县", "鹿栖县", "汀兰县")
# Share of the retailers in each county, as uneven as in a real prefecture.
COUNTY_SHARES = (0.28, 0.17, 0.14, 0.12, 0.11, 0.10, 0.08)
TOWNS = (
    "青石坡",
    "柳叶湾",
    "白鹭滩",
    "竹影坪",
    "栗子园",
    "槐香里",
    "枫桥铺",
    "杏花坞",
    "莲心塘",
    "梅子溪",
    "桂月岭",
    "松风口",
    "麦香集",
    "荷叶渡",
    "云脚村",
    "星河街",
    "晚晴路",
    "稻花湾",
)
FIRST = "福源兴隆瑞祥和泰顺昌恒盛嘉悦明达康宁永安吉庆丰裕华茂"
SECOND = "来聚鑫旺诚信满堂春晖家美佳利通达万众百汇友邻乐汇"
SUFFIX = {
    "B": "便利店",
    "Q": "副食店",
    "Y": "烟酒店",
    "F": "茶楼",
    "S": "超市",
    "N": "商场",
}
SURNAMES = "林沈顾江叶苏程温简柯阮祝乔傅裴"
GIVEN = "安宁晓岚书言子墨雨桐思远嘉禾明朗可欣知夏景行予清"


def town_of(number: int) -> str:
    """Name of the n-th place, unique however many there are."""
    name = TOWNS[number % len(TOWNS)]
    again = number // len(TOWNS)
    return f"{name}{again + 1}" if again else name


def shop_names(rng: np.random.Generator, formats: list[str], towns: list[str]) -> list[str]:
    """A name for every shop, from its place and format; names may repeat, as they do in life."""
    first = rng.integers(0, len(FIRST), len(formats))
    second = rng.integers(0, len(SECOND), len(formats))
    return [
        f"{town}{FIRST[a]}{SECOND[b]}{SUFFIX[kind]}"
        for town, a, b, kind in zip(towns, first, second, formats, strict=True)
    ]


def person_names(rng: np.random.Generator, count: int) -> list[str]:
    """Names of people who do not exist."""
    draws = rng.integers(0, [len(SURNAMES), len(GIVEN), len(GIVEN)], (count, 3))
    return [f"{SURNAMES[a]}{GIVEN[b]}{GIVEN[c]}" for a, b, c in draws]


def phone_numbers(rng: np.random.Generator, count: int) -> list[str]:
    """Numbers that nobody has: no mobile number of the country begins with 100."""
    return [f"100{number:08d}" for number in rng.integers(0, 10**8, count)]
