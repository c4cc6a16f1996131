#!/usr/bin/env python3
"""Writes training/data/synthesis/tables/*.txt, what `trainer data synthesize` draws names and places from.

The tables are committed; run this only to bring them up to newer sources:

    scripts/make_synthesis_tables.py [--data DIR]

DIR holds gazetteers/, text/, silver/, annotated/ and documents/ (default: ../shared/data beside the repository).
tables/SOURCE.txt names the source and licence of each table. Sampling is by a fixed seed.
"""

import argparse
import collections
import csv
import json
import math
import pathlib
import random
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "training" / "data" / "synthesis" / "tables"
HAN = re.compile(r"^[\u4e00-\u9fff]+$")
TRANSLITERATED = re.compile(r"[\u4e00-\u9fff]{1,7}(?:·[\u4e00-\u9fff]{1,7}){1,2}")
ETHNIC = ("汉族 蒙古族 回族 藏族 维吾尔族 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克族 傣族 黎族 傈僳族 佤族 畲族 "
          "高山族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜族 土族 达斡尔族 仫佬族 羌族 布朗族 撒拉族 毛南族 仡佬族 锡伯族 阿昌族 普米族 塔吉克族 "
          "怒族 乌孜别克族 俄罗斯族 鄂温克族 德昂族 保安族 裕固族 京族 塔塔尔族 独龙族 鄂伦春族 赫哲族 门巴族 珞巴族 基诺族 各族").split()
# What its city's places are drawn more often for than for their share of towns.
CITY_WEIGHTS = {
    "北京市": 90, "上海市": 90, "广州市": 60, "深圳市": 60, "杭州市": 45, "成都市": 45, "重庆市": 50, "武汉市": 40, "南京市": 40,
    "西安市": 38, "苏州市": 35, "天津市": 40, "郑州市": 30, "长沙市": 30, "青岛市": 25, "沈阳市": 25, "宁波市": 22, "东莞市": 22,
    "佛山市": 20, "济南市": 24, "合肥市": 24, "福州市": 20, "厦门市": 22, "哈尔滨市": 22, "大连市": 22, "昆明市": 20, "无锡市": 18,
    "长春市": 18, "石家庄市": 18, "南昌市": 18, "南宁市": 16, "贵阳市": 16, "太原市": 16, "温州市": 14, "泉州市": 12, "兰州市": 12,
    "乌鲁木齐市": 12, "呼和浩特市": 10, "海口市": 10, "珠海市": 10, "常州市": 10, "徐州市": 9, "烟台市": 9, "嘉兴市": 8, "金华市": 8,
    "绍兴市": 8, "银川市": 8, "西宁市": 7, "拉萨市": 6, "三亚市": 7, "洛阳市": 7, "潍坊市": 7, "扬州市": 7, "桂林市": 6, "中山市": 8,
}


def bare_division(name, level):
    """朝阳区 -> 朝阳, 广西壮族自治区 -> 广西, 恩施土家族苗族自治州 -> 恩施; the full form where one character would be left."""
    bare = re.sub(r"(特别行政区|自治区|自治州|自治县|自治旗|林区|地区|省|市|盟|县|区|旗)$", "", name)
    if re.search(r"自治[区州县旗]$", name):
        for _ in range(4):
            for group in ETHNIC:
                for form in (group, group[:-1] if len(group) > 2 else None):
                    if form and bare.endswith(form) and len(bare) - len(form) >= 2:
                        bare = bare[: -len(form)]
    if level == "prov":
        bare = {"内蒙古自治区": "内蒙古", "新疆维吾尔自治区": "新疆"}.get(name, bare)
    return bare if len(bare) >= 2 else name


def write(name, lists):
    lines = []
    for title, items in lists.items():
        lines.append(f"[{title}]")
        for item in items:
            if isinstance(item, tuple):
                lines.append(f"{item[0]}\t{item[1]}")
            else:
                lines.append(item)
    path = OUT / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes, {sum(map(len, lists.values()))} entries")


def thuocl(path):
    counts = {}
    for line in re.split(r"[\r\n]+", path.read_text(encoding="utf-8-sig")):
        parts = line.split("\t")
        if len(parts) >= 2 and parts[1].strip().isdigit():
            counts[parts[0].strip()] = int(parts[1])
    return counts


def places(data, known):
    tree = {}
    for line in (data / "gazetteers/places_zh/towns_full.tsv").read_text(encoding="utf-8").splitlines():
        prov, city, county, town = [part.strip() for part in line.split()][:4]
        if any(re.search(r"[^\u4e00-\u9fff]", part) for part in (prov, city, county)):
            continue
        if "直辖" in city or city == "市辖区":
            city = ""
        if city == prov:
            city = ""
        if county == city or (city and county.startswith(city)) or "直辖" in county or county == "市辖区":
            continue
        towns = tree.setdefault(prov, {}).setdefault(city, {}).setdefault(county, [])
        if re.fullmatch(r"[\u4e00-\u9fff]{2,6}(镇|乡|街道|苏木)", town) and len(town) <= 7:
            towns.append(town)
    lines = []
    for prov, cities in tree.items():
        lines.append(f"1\t{prov}\t{bare_division(prov, 'prov')}")
        for city, counties in cities.items():
            weight = CITY_WEIGHTS.get(city or prov, 2)
            lines.append(f"2\t{city}\t{bare_division(city, 'city') if city else ''}\t{weight}")
            for county, towns in counties.items():
                bare = bare_division(county, "dist")
                lines.append(f"3\t{county}\t{bare}\t{1 + round(math.log10(1 + known.get(bare, 0)))}")
                lines.append("4\t" + " ".join(towns))
    path = OUT / "divisions.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")
    return tree


def latin(names):
    for name in names:
        name = re.sub(r"^(Mc)([a-z])", lambda match: match[1] + match[2].upper(), name.strip())
        if re.fullmatch(r"[A-ZÀ-ÖØ-ÞŁŚŽČŠ][A-Za-zÀ-öø-ÿŁłśŚžŽčČšŠęĘąĄńŃćĆđĐğĞşŞıİőŐűŰřŘěĚůŮ'’ -]{1,15}", name) and "  " not in name:
            yield name


def person_tables(data, rng):
    folder = data / "gazetteers/names_zh"
    surnames, seen = [], set()
    for line in (folder / "surnames_weighted.tsv").read_text(encoding="utf-8").splitlines():
        name, weight = line.split()
        if HAN.match(name) and name not in seen:
            seen.add(name)
            surnames.append((max(1, round(float(weight))), name))
    first, second = [], []
    for line in (folder / "given_char_freq.tsv").read_text(encoding="utf-8").splitlines():
        place, char, count = line.split()
        (first if place == "1" else second).append((int(count), char))
    given = [name for name in (folder / "given_names.txt").read_text(encoding="utf-8").splitlines() if HAN.match(name)]
    write("chinese_names.txt", {
        "surname": surnames,
        "given_single": sorted({name for name in given if len(name) == 1}),
        "given_pair": sorted({name for name in given if len(name) == 2}),
        "given_first": first, "given_second": second})
    traditional = set("華國東馬陳劉張黃趙吳楊鄭許鄧馮韓蕭蔣葉蘇盧鍾譚陸賈範韋鄒龍萬錢湯閻嚴顧賴塗孫羅")
    past = [name for name in (folder / "historical_full_names_sample_60k.txt").read_text(encoding="utf-8").splitlines()
            if HAN.match(name) and len(name) in (2, 3) and name[0] in seen and not traditional & set(name)]
    japanese = [name for name in (folder / "japanese_names_sample_10k.txt").read_text(encoding="utf-8").splitlines()
                if HAN.match(name) and 3 <= len(name) <= 5]
    return seen, rng.sample(past, 4000), rng.sample(japanese, 2500)


def latin_tables(data, rng):
    names = json.loads((data / "gazetteers/names_intl/by_locale.json").read_text(encoding="utf-8"))
    lists = {}
    groups = {"us": ["en_US"], "gb": ["en_GB", "en_IE"], "in": ["en_IN"], "au": ["en_AU", "en_NZ"], "es": ["es_MX", "es_ES"],
              "fr": ["fr_FR", "fr_CA"], "de": ["de_DE"], "it": ["it_IT"], "pt": ["pt_BR", "pt_PT"], "nl": ["nl_NL"],
              "nordic": ["sv_SE", "da_DK", "no_NO", "fi_FI"], "pl": ["pl_PL"], "cs": ["cs_CZ", "hr_HR"], "ng": ["en_NG", "yo_NG"],
              "ke": ["en_KE", "zu_ZA"], "id": ["id_ID"], "tr": ["tr_TR", "tr"], "vi": ["vi", "vi_VN"], "pk": ["en_PK"]}
    for group, locales in groups.items():
        for part in ("first", "last"):
            found = []
            for locale in locales:
                found += [name for name in latin(names[locale][part]) if len(name.split()) <= 2]
            found = list(dict.fromkeys(found))
            limit = 700 if group == "us" else 320
            if len(found) > limit:
                head = found[:60]  # several sources list the most common first
                found = head + rng.sample(found[60:], limit - 60)
            # The first of a source that goes by frequency are the most common; elsewhere the order is the alphabet's.
            by_rank = found != sorted(found) and group in ("us", "gb", "au", "es", "ke", "ng")
            lists[f"{part}_{group}"] = [(max(1, round(60 / (1 + rank / 8))), name) if by_rank and part == "last" else name
                                        for rank, name in enumerate(found)]
    # Names of everywhere, one as likely as another: what no one has met must be known by what stands around it.
    draw = random.Random(20240502)
    for part, count in (("first", 7000), ("last", 10000)):
        found = (data / f"gazetteers/names_intl/{part}_names_latin.txt").read_text(encoding="utf-8").splitlines()
        found = sorted({name for name in latin(found) if len(name.split()) == 1 and len(name) > 2})
        lists[f"{part}_latin"] = sorted(draw.sample(found, count))
    write("latin_names.txt", lists)


def organisation_tables(data, rng):
    folder = data / "gazetteers/companies"
    brands = [name.strip() for name in (folder / "company_short_names.txt").read_text(encoding="utf-8").splitlines()]
    brands = [name for name in brands if HAN.match(name) and 2 <= len(name) <= 4]
    two = [name for name in brands if len(name) == 2]
    three = [name for name in brands if len(name) == 3]
    four = [name for name in brands if len(name) == 4]
    banks = [name for name in (data / "gazetteers/bank/bank_names_zh.txt").read_text(encoding="utf-8").splitlines()
             if HAN.match(name) and name.endswith(("银行", "信用社"))]
    write("brands.txt", {"brand_two": rng.sample(two, 6000), "brand_three": rng.sample(three, 5000),
                         "brand_four": rng.sample(four, 3000), "bank_listed": sorted(set(banks))})


def place_tables(data, rng, known):
    folder = data / "gazetteers/places_zh"
    villages = [line.split()[-1] for line in
                (folder / "villages_communities_sample_80k.tsv").read_text(encoding="utf-8").splitlines()]
    villages = sorted({name for name in villages if HAN.match(name) and 3 <= len(name) <= 5 and name.endswith("村")})
    communities = [line.split()[-1] for line in
                   (folder / "villages_communities_sample_80k.tsv").read_text(encoding="utf-8").splitlines()]
    communities = sorted({name for name in communities if HAN.match(name) and 4 <= len(name) <= 6 and name.endswith("社区")})
    roads = [name.strip() for name in (folder / "beijing_road_names.txt").read_text(encoding="utf-8").splitlines()]
    roads = [name for name in roads if HAN.match(name) and 3 <= len(name) <= 6 and name[0] not in "与号县近经"
             and not name.startswith(("北京", "一番")) and name.endswith(("路", "街", "胡同", "巷", "条", "里"))]
    common = {"码头", "火车站", "国际机场", "公园", "广场", "大桥", "水库", "停车场", "博物馆", "图书馆", "车站", "加油站"}
    sights = [(max(1, round(math.sqrt(count) / 10)), name) for name, count in known.items()
              if 3 <= len(name) <= 7 and HAN.match(name) and name not in common and count >= 20 and
              re.search(r"(山|湖|江|河|岛|寺|公园|古镇|古城|大桥|机场|火车站|东站|西站|南站|北站|广场|半岛|海峡|高原|平原|盆地|草原|沙漠|水库|瀑布|峡谷|温泉|"
                        r"风景区|故居|陵|庙|塔|国家公园|体育场|体育馆|博物馆)$", name) and
              not re.search(r"(城市|中心|主题|森林|人民|市民|文化|国际|大型|中央)(公园|广场|机场)$|火葬|^(小|大|老|新|长|东|西|南|北|国际)(火车站|机场|广场)$", name)]
    write("places_zh.txt", {"village": rng.sample(villages, 9000), "community": rng.sample(communities, 2500),
                            "road_listed": sorted(set(roads)), "sight_listed": sights})
    countries = [name for name in (folder / "countries_zh.txt").read_text(encoding="utf-8").splitlines() if HAN.match(name)]
    parts = json.loads((data / "gazetteers/places_en/address_parts.json").read_text(encoding="utf-8"))
    write("places_en.txt", {
        "city_us_listed": sorted(set(parts["en_faker_js"]["city_name"])), "city_in_listed": parts["en_IN"]["cities"],
        "state_us": parts["en_US"]["states"], "street_listed": [n for n in parts["en_faker_js"]["street_name"] if not n[0].isdigit()],
        "county_gb": parts["en_GB"]["counties"],
        "country_en_listed": [name for name in (data / "gazetteers/places_en/countries_en.txt").read_text(encoding="utf-8").splitlines()
                              if "," not in name and "(" not in name and len(name) < 24],
        "country_zh_listed": sorted(set(countries))})


def seen_tables(data, surnames, past, japanese):
    """What people wrote in texts: the values of annotated mentions, which no grammar would think of."""
    values = collections.defaultdict(collections.Counter)
    for language in ("zh", "en"):
        for line in (data / f"documents/train_{language}.txt").read_text(encoding="utf-8").splitlines():
            for kind, value in re.findall(r"\[\[([A-Z_]+)\|([^\]{}]+)\]\]", line):
                values[kind][value] += 1
        for line in (data / f"annotated/train_{language}.jsonl").read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            for begin, end, kind in record["spans"]:
                values[kind][record["text"][begin:end]] += 1
        for kind, value in re.findall(r"\[\[([A-Z_]+)\|([^\]{}]+)\]\]", (ROOT / f"training/documents/{language}.txt").read_text(encoding="utf-8")):
            if "\\" not in value:
                values[kind][value] += 1
        recipe = ROOT / "training/recipes/default"
        marked = subprocess.run([sys.executable, recipe / "apply_marks.py", data / "text", recipe / f"marks/{language}.tsv"],
                                check=True, capture_output=True, text=True).stdout
        for record in map(json.loads, marked.splitlines()):
            for begin, end, kind in record["spans"]:
                if kind in ("ORGANIZATION", "LOCATION"):  # persons and their homes stay where they stand
                    values[kind][record["text"][begin:end]] += 1
    silver = collections.defaultdict(collections.Counter)
    for line in (data / "silver/zh_lac.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        for begin, end, kind in record["spans"]:
            silver[kind][record["text"][begin:end]] += 1
    clean = lambda name: "\n" not in name and "|" not in name and "<" not in name and "×" not in name and "*" not in name and "\t" not in name
    han = lambda kind, low, high: sorted(v for v in values[kind] if re.search(r"[\u4e00-\u9fff]", v) and low <= len(v) <= high and clean(v))
    ascii_ = lambda kind, low, high: sorted(v for v in values[kind] if re.fullmatch(r"[A-Z][A-Za-z0-9 .,&'’-]*[A-Za-z0-9.]", v) and low <= len(v) <= high)
    end = r"(公司|集团|大学|学院|中学|小学|医院|法院|检察院|委员会|协会|研究院|研究所|部|局|银行|出版社|日报|电视台|剧院|博物馆|乐团|乐队|俱乐部|党|军|舰队|联盟|组织|基金会|教会|国会|议会|政府|报社|联合会|交易所)$"
    orgs = [v for v in han("ORGANIZATION", 3, 24) if re.search(end, v)]
    more = sorted(v for v, count in silver["ORGANIZATION"].items() if count >= 3 and 4 <= len(v) <= 16 and HAN.match(v) and re.search(end, v))
    short = [v for v in han("ORGANIZATION", 2, 5) if not re.search(end, v) and HAN.match(v)]
    locs = sorted(v for v, count in silver["LOCATION"].items() if count >= 5 and 2 <= len(v) <= 10 and HAN.match(v))
    drop = set("当地 本地 各地 全国 外地 国内 国外 境内 世界 全球 西方 东方 南方 北方 地球 月球 火星 太阳 天下 中国人 日语 汉语 英语".split())
    locs = [v for v in locs if v not in drop and not v.endswith(("人", "语", "族"))]
    dots = collections.Counter()
    for folder in ("zhwiki_sample_zh", "cmrc2018_wiki_zh", "kdconv_zh"):
        for path in sorted((data / "text" / folder).glob("*.txt")):
            dots.update(TRANSLITERATED.findall(path.read_text(encoding="utf-8")))
    for value in values["PERSON"]:
        if TRANSLITERATED.fullmatch(value):
            dots[value] += 2
    first, last = collections.Counter(), collections.Counter()
    for name, count in dots.items():
        parts = name.split("·")
        if all(2 <= len(part) <= 5 for part in parts) and not set("的和是在由与年于月日、被曾为") & set(name):
            first[parts[0]] += 1
            last[parts[-1]] += 1
    persons = [v for v in han("PERSON", 2, 4) if HAN.match(v) and v[0] in surnames and not re.search(r"[某甲乙丙丁戊]|^[小老阿]|[哥姐叔姨爷奶]$|(.)\1$", v)]
    famous = thuocl(data / "gazetteers/words/THUOCL_lishimingren.txt")
    named = [(max(1, round(math.log(1 + count))), name) for name, count in famous.items()
             if HAN.match(name) and len(name) == 3 and name[0] in surnames and count >= 30]
    noise = {"三国志", "吉布主唱", "买买提"}  # joined with a name by · in the texts, but none
    keep = lambda counter: [(count, name) for name, count in counter.most_common() if count >= 2 and name not in noise]
    write("seen.txt", {
        "person_seen": persons, "person_famous": named[:4000], "person_past": past, "person_japanese": japanese,
        "tr_first_seen": keep(first), "tr_last_seen": keep(last),
        "org_seen": sorted(set(orgs) | set(more)), "org_short_seen": short, "loc_seen": sorted(set(locs) | set(han("LOCATION", 2, 8))),
        "addr_seen": [v for v in han("ADDRESS", 8, 40) if "省" in v or "市" in v or "县" in v],
        "org_en_seen": ascii_("ORGANIZATION", 4, 50), "loc_en_seen": ascii_("LOCATION", 4, 40),
        "addr_en_seen": sorted(v for v in values["ADDRESS"] if re.fullmatch(r"[\x20-\x7e]{12,70}", v) and clean(v)),
    })


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared" / "data")
    data = parser.parse_args().data
    rng = random.Random(20240501)
    OUT.mkdir(parents=True, exist_ok=True)
    known = thuocl(data / "gazetteers/words/THUOCL_diming.txt")
    places(data, known)
    surnames, past, japanese = person_tables(data, rng)
    latin_tables(data, rng)
    organisation_tables(data, rng)
    place_tables(data, rng, known)
    seen_tables(data, surnames, past, japanese)


if __name__ == "__main__":
    main()
