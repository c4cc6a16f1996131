#include "training/data/synthesis/swap.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/absl_view.h"
#include "core/utf8.h"

namespace privet {
namespace {

constexpr size_t kHan = 3;              // bytes of a Han character in UTF-8
constexpr std::string_view kDot = "·";  // between the parts of a foreign name in Chinese characters

bool IsHan(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = DecodeUtf8(text, at);
    if (c.value < 0x4E00 || c.value > 0x9FFF) return false;
    at += c.length;
  }
  return !text.empty();
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool EndsWithAny(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.ends_with(word); });
}

// MARY -> UPPER, mary -> lower, else as drawn.
std::string InCaseOf(std::string_view original, std::string value) {
  const bool upper =
      std::none_of(original.begin(), original.end(), [](unsigned char c) { return absl::ascii_islower(c); });
  const bool lower =
      std::none_of(original.begin(), original.end(), [](unsigned char c) { return absl::ascii_isupper(c); });
  if (upper && !lower && original.size() > 2) return absl::AsciiStrToUpper(value);
  if (lower && !upper) return absl::AsciiStrToLower(value);
  return value;
}

// 小 and 老 before a surname, 阿 before part of a name.
bool StartsFamiliarly(std::string_view name) {
  return name.starts_with("小") || name.starts_with("老") || name.starts_with("阿");
}

// `value` with another in place of `part`, which lies in it.
std::string WithOther(std::string_view value, std::string_view part, std::string_view other) {
  const size_t at = static_cast<size_t>(part.data() - value.data());
  return absl::StrCat(AbslView(value.substr(0, at)), AbslView(other),
                      AbslView(value.substr(at + part.size())));
}

// Which words are whose, Chinese ones in either script: built once from the lists.
struct KnownWords {
  absl::flat_hash_set<std::string> surnames, countries, countries_en, cities_en, states_en, first_en;

  explicit KnownWords(const Fillers& fillers) {
    const auto add = [&](std::string_view list, absl::flat_hash_set<std::string>* words) {
      for (const std::string_view word : fillers.lexicon().PlainEntries(fillers.ListOf(list))) {
        words->emplace(word);
        words->insert(fillers.readings().Traditional(word));
      }
    };
    add("surname", &surnames);
    add("surname_compound", &surnames);
    add("country_common", &countries);
    add("country_zh_listed", &countries);
    add("country_en_common", &countries_en);
    add("city_us_big", &cities_en);
    add("city_uk", &cities_en);
    add("city_world", &cities_en);
    add("state_us", &states_en);
    add("first_us", &first_en);
    add("first_common", &first_en);
  }
};

const KnownWords& WordsOf(const Fillers& fillers) {
  // One set of lists a process, but for tests, whose lists are a superset of nothing: then words are few and
  // stay.
  static const KnownWords* const words = new KnownWords(fillers);
  return *words;
}

// Digits by digits and letters by letters of the same case: the form stays. Text that is not ASCII stays as
// well.
std::string SameForm(std::string_view value, Random& random) {
  std::string out(value);
  bool first = true;
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isdigit(byte))
      c = first && c != '0' ? random.Pick("123456789") : random.Pick("0123456789");
    if (absl::ascii_isupper(byte)) c = random.Pick("ABCDEFGHJKLMNPQRSTUVWXYZ");
    if (absl::ascii_islower(byte)) c = random.Pick("abcdefghijklmnopqrstuvwxyz");
    if (absl::ascii_isalnum(byte)) first = false;
  }
  return out;
}

class Swapping {
 public:
  Swapping(const LabeledRecord& record, double share, const Fillers& fillers, Random& random)
      : record_(record),
        share_(share),
        fillers_(fillers),
        words_(WordsOf(fillers)),
        random_(random),
        place_(fillers.DrawPlace(random)),
        traditional_(fillers.readings().IsTraditional(record.text)) {}

  LabeledRecord Run() {
    // Full names first, and longer values: they decide what becomes of their parts.
    std::vector<std::pair<std::string_view, EntityType>> values;
    values.reserve(record_.spans.size());
    for (const LabeledSpan& span : record_.spans) values.emplace_back(TextOf(span), span.type);
    std::stable_sort(values.begin(), values.end(),
                     [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
    std::stable_partition(values.begin(), values.end(), [&](const auto& value) {
      return value.second == EntityType::PERSON && PartsOf(value.first).size() > 1;
    });
    for (const auto& value : values) {
      if (!new_values_.contains(value)) new_values_[value] = NewValue(value.first, value.second);
    }
    LabeledRecord out;
    out.covers = record_.covers;
    out.origin = record_.origin;
    size_t at = 0;
    for (const LabeledSpan& span : record_.spans) {
      out.text.append(record_.text, at, span.span.begin - at);
      const size_t begin = out.text.size();
      out.text.append(new_values_.at({TextOf(span), span.type}));
      out.spans.push_back({{begin, out.text.size()}, span.type});
      at = span.span.end;
    }
    out.text.append(record_.text, at);
    return out;
  }

 private:
  std::string_view TextOf(const LabeledSpan& span) const {
    return std::string_view(record_.text).substr(span.span.begin, span.span.size());
  }

  std::string Draw(std::string_view list) {
    std::string value = fillers_.Draw(list, place_, random_);
    return traditional_ ? fillers_.readings().Traditional(value) : value;
  }

  std::string NewValue(std::string_view value, EntityType type) {
    const bool person = type == EntityType::PERSON;
    if (std::optional<std::string> part = person ? PartOfName(value) : std::nullopt) return *std::move(part);
    if (random_.Chance(share_)) {
      if (std::optional<std::string> replaced = Replacement(value, type)) return *std::move(replaced);
    }
    if (person) KeepParts(value);
    return std::string(value);
  }

  // A surname or first name whose full name was replaced before, or stayed.
  std::optional<std::string> PartOfName(std::string_view value) const {
    std::string_view part = value;
    auto found = name_parts_.find(absl::AsciiStrToLower(AbslView(part)));
    if (found == name_parts_.end()) {
      part = SurnameAloneIn(value);
      found = name_parts_.find(std::string(part));
    }
    if (found == name_parts_.end()) return std::nullopt;
    return found->second ? WithOther(value, part, InCaseOf(part, *found->second)) : std::string(value);
  }

  // The first name that has a part decides what becomes of it: nothing where the name stays. A letter in
  // capitals and its body write the same name.
  void SetPart(std::string_view part, std::optional<std::string> replaced) {
    name_parts_.emplace(absl::AsciiStrToLower(AbslView(part)), std::move(replaced));
  }

  void KeepParts(std::string_view name) {
    for (const std::string_view part : PartsOf(name)) SetPart(part, std::nullopt);
  }

  // By which a text may call the same person: John and Smith, 约翰 and 史密斯, 王 and 小明; 王 alone of 小王.
  std::vector<std::string_view> PartsOf(std::string_view name) const {
    const std::string_view separator = name.find(kDot) == std::string_view::npos ? " " : kDot;
    if (name.find(separator) != std::string_view::npos) {
      std::vector<std::string_view> parts;
      for (const absl::string_view part : absl::StrSplit(AbslView(name), AbslView(separator)))
        parts.push_back(StdView(absl::StripSuffix(part, ",")));  // Smith, John
      return parts;
    }
    if (const std::string_view alone = SurnameAloneIn(name); !alone.empty()) return {alone};
    const std::string_view surname = SurnameOf(name);
    if (surname.empty() || !IsHan(name)) return {};
    return {surname, name.substr(surname.size())};
  }

  bool IsSurname(std::string_view text) const { return words_.surnames.contains(AbslView(text)); }

  // The surname where that is all that a value says of a name: 王, 小王, 王哥, and 王某 or 王某甲 of court
  // texts. Empty for others.
  std::string_view SurnameAloneIn(std::string_view value) const {
    if (!IsHan(value)) return {};
    if (IsSurname(value)) return value;
    const std::string_view rest = value.substr(kHan);
    if (StartsFamiliarly(value) && IsSurname(rest)) return rest;
    const std::string_view surname = SurnameOf(value), behind = value.substr(surname.size());
    const bool alone = behind.starts_with("某") ||
                       (behind.size() == kHan && EndsWithAny(behind, {"哥", "姐", "叔", "姨", "氏"}));
    return alone ? surname : std::string_view();
  }

  // With which a name of more characters begins: 王 of 王小明, 欧阳 of 欧阳修. Empty where it begins with
  // none.
  std::string_view SurnameOf(std::string_view name) const {
    for (const size_t size : {2 * kHan, kHan}) {
      const std::string_view begin = name.substr(0, size);
      if (name.size() > size && IsSurname(begin)) return begin;
    }
    return {};
  }

  std::optional<std::string> Replacement(std::string_view value, EntityType type) {
    switch (type) {
      case EntityType::PERSON:
        return IsAscii(value) ? LatinPerson(value) : ChinesePerson(value);
      case EntityType::ORGANIZATION:
        return Organization(value);
      case EntityType::LOCATION:
        return Location(value);
      case EntityType::ADDRESS:
        return Address(value);
      default:
        return Form(value, type);
    }
  }

  std::optional<std::string> ChinesePerson(std::string_view value) {
    if (value.find(kDot) != std::string_view::npos) return TransliteratedPerson(value);
    if (!IsHan(value)) return std::nullopt;
    if (const std::string_view alone = SurnameAloneIn(value); !alone.empty()) {
      std::string drawn = Draw("surname_any");
      SetPart(alone, drawn);
      return WithOther(value, alone, drawn);
    }
    const size_t size = value.size() / kHan;
    if (size == 1) return std::nullopt;
    const std::string_view first = value.substr(0, kHan);
    if (size == 2 && StartsFamiliarly(value)) return absl::StrCat(AbslView(first), Draw("nick_char"));
    if (size == 2 && first == value.substr(kHan)) return Draw("given_double");
    if (size > 4 || EndsWithAny(value, {"帝", "宗", "祖", "王", "公", "后", "哥", "姐", "叔", "姨", "氏"}))
      return std::nullopt;
    const std::string_view surname = SurnameOf(value);
    if (size == 4 && surname == first) return Draw("tr_last");  // 成吉思汗: no Chinese name
    if (surname.empty()) return size == 2 ? std::optional(Draw("given_two")) : std::nullopt;
    NameParts name;
    for (int attempt = 0; attempt < 60; ++attempt) {
      name = fillers_.ChineseName(random_);
      if (name.first.size() + name.last.size() == value.size() && name.first.size() == surname.size()) break;
    }
    if (traditional_) {
      name.first = fillers_.readings().Traditional(name.first);
      name.last = fillers_.readings().Traditional(name.last);
    }
    SetPart(surname, name.first);
    const std::string_view given = value.substr(surname.size());
    if (given.size() > kHan && name.last.size() > kHan) SetPart(given, name.last);
    return name.first + name.last;
  }

  std::string TransliteratedPerson(std::string_view value) {
    std::string drawn = Draw("tr_full");
    const std::vector<std::string_view> parts = PartsOf(value), new_parts = PartsOf(drawn);
    if (!new_parts.empty()) {  // a list of the user's own may hold names of one part
      SetPart(parts.front(), std::string(new_parts.front()));
      SetPart(parts.back(), std::string(new_parts.back()));
    }
    return drawn;
  }

  std::optional<std::string> LatinPerson(std::string_view value) {
    const std::vector<std::string> words = absl::StrSplit(AbslView(value), ' ', absl::SkipEmpty());
    for (const std::string& word : words) {
      // Initials, handles and names with digits have a form of their own.
      if (std::any_of(word.begin(), word.end(), [](unsigned char c) {
            return !absl::ascii_isalpha(c) && c != '-' && c != '\'' && c != '.';
          })) {
        return std::nullopt;
      }
    }
    if (words.size() == 1 && words[0].size() > 2) {
      const bool first = words_.first_en.contains(words[0]);
      return InCaseOf(value, Draw(first ? "first_en" : "last_en"));
    }
    if (words.size() < 2 || words.size() > 3) return std::nullopt;
    const NameParts name = fillers_.LatinName(random_);
    const std::string first = InCaseOf(words.front(), name.first), last = InCaseOf(words.back(), name.last);
    SetPart(words.front(), name.first);
    SetPart(words.back(), name.last);
    const std::string middle =
        words.size() == 3 ? absl::StrCat(" ", words[1].size() <= 2 ? SameForm(words[1], random_)
                                                                   : InCaseOf(words[1], Draw("first_us")))
                          : "";
    return absl::StrCat(first, middle, " ", last);
  }

  std::optional<std::string> Organization(std::string_view value) {
    if (IsAscii(value)) {
      if (EndsWithAny(value, {"University", "College", "School"})) return Draw("school_en");
      if (EndsWithAny(value, {"Hospital", "Clinic", "Medical Center"})) return Draw("hospital_en");
      const std::vector<std::string> words = absl::StrSplit(AbslView(value), ' ');
      if (words.size() > 5 || value.starts_with("the ")) return std::nullopt;
      std::string drawn = Draw("org_en");
      for (const std::string_view article : {"the ", "The "}) {
        if (drawn.starts_with(article)) drawn.erase(0, article.size());
      }
      return InCaseOf(value, drawn);
    }
    if (!IsHan(value) && value.find("（") == std::string_view::npos) return std::nullopt;
    place_ = fillers_.DrawPlace(random_);
    struct Kind {
      std::initializer_list<std::string_view> endings;
      std::string_view list;
    };
    static const Kind kKinds[] = {
        {{"公司", "集团", "集團"}, "company"},
        {{"大学", "学院", "大學", "學院"}, "university_any"},
        {{"中学", "小学", "学校", "幼儿园", "中學", "小學"}, "school"},
        {{"医院", "卫生院", "醫院"}, "hospital"},
        {{"银行", "支行", "分行", "銀行"}, "bank"},
        {{"法院", "检察院", "公安局", "派出所", "人民政府", "管理局", "教育局", "分局"}, "gov"}};
    for (const Kind& kind : kKinds) {
      if (EndsWithAny(value, kind.endings)) return WithEndingOf(value, kind.list);
    }
    if (value.size() <= 4 * kHan &&
        !EndsWithAny(value, {"军", "党", "府", "国", "會", "会", "队", "隊", "报", "報"})) {
      return Draw("org_short");
    }
    return std::nullopt;
  }

  // From the list, one that ends in the same two characters if there is one: a police station for a police
  // station.
  std::string WithEndingOf(std::string_view value, std::string_view list) {
    const std::string_view ending = value.substr(value.size() - 2 * kHan);
    std::string drawn;
    for (int attempt = 0; attempt < 150; ++attempt) {
      drawn = Draw(list);
      if (drawn.ends_with(ending)) break;
    }
    return drawn;
  }

  std::optional<std::string> Location(std::string_view value) {
    if (IsAscii(value)) {
      if (words_.countries_en.contains(AbslView(value))) return Draw("country_en_common");
      if (words_.states_en.contains(AbslView(value))) return Draw("state_us");
      if (words_.cities_en.contains(AbslView(value))) return InCaseOf(value, Draw("city_en"));
      return std::nullopt;
    }
    if (!IsHan(value)) return std::nullopt;
    if (words_.countries.contains(AbslView(value))) return Draw("country_common");
    place_ = fillers_.DrawPlace(random_);
    const auto styled = [&](std::string_view text) {
      return traditional_ ? fillers_.readings().Traditional(text) : std::string(text);
    };
    if (EndsWithAny(value, {"省", "自治区"}) && value.size() <= 4 * kHan) return styled(place_.province);
    if (value.ends_with("市") && value.size() <= 4 * kHan) return styled(place_.city);
    if (EndsWithAny(value, {"县", "区", "縣", "區"}) && value.size() <= 4 * kHan)
      return styled(place_.district);
    if (EndsWithAny(value, {"镇", "乡", "街道", "鎮", "鄉"}) && value.size() <= 5 * kHan)
      return styled(place_.town);
    if (value.ends_with("村") && value.size() <= 5 * kHan) return Draw("village");
    if (EndsWithAny(value, {"路", "街", "大道"}) && value.size() <= 6 * kHan) return Draw("road");
    if (value.size() == 2 * kHan) {
      // Cities of two characters by others; regions and mountains stay, which are known by other endings.
      for (const std::string_view known :
           {"北京", "上海", "广州", "深圳", "杭州", "南京", "武汉", "成都", "重庆", "天津",
            "西安", "苏州", "青岛", "大连", "沈阳", "长沙", "郑州", "济南", "合肥", "福州",
            "厦门", "昆明", "南昌", "贵阳", "南宁", "太原", "长春", "兰州", "温州", "无锡",
            "宁波", "扬州", "徐州", "洛阳", "烟台", "珠海", "桂林", "三亚", "台北"}) {
        if (value == known || value == fillers_.readings().Traditional(known))
          return styled(place_.city_bare);
      }
    }
    return std::nullopt;
  }

  std::optional<std::string> Address(std::string_view value) {
    place_ = fillers_.DrawPlace(random_);
    if (IsAscii(value)) {
      if (value.size() < 8 || !absl::ascii_isdigit(static_cast<unsigned char>(value[0]))) return std::nullopt;
      return InCaseOf(value, Draw("addr_en"));
    }
    if (traditional_)
      return Draw(value.find("市") != std::string_view::npos ? "addr_hant" : "addr_part_hant");
    const bool whole =
        value.find("省") != std::string_view::npos || value.find("市") != std::string_view::npos;
    return value.size() >= 6 * kHan ? std::optional(Draw(whole ? "addr" : "addr_part")) : std::nullopt;
  }

  std::optional<std::string> Form(std::string_view value, EntityType type) {
    if (value.find('*') != std::string_view::npos || !IsAscii(value)) {
      return type == EntityType::CN_LICENSE_PLATE && value.find("×") == std::string_view::npos &&
                     value.find('*') == std::string_view::npos
                 ? std::optional(Draw("plate"))
                 : std::nullopt;
    }
    switch (type) {
      case EntityType::PHONE_NUMBER:
        if (value.size() == 11 && value[0] == '1') return Draw("mobile");
        return SameForm(value, random_);
      case EntityType::EMAIL_ADDRESS:
        return Draw("email_en");
      case EntityType::URL:
        return std::nullopt;  // what stands behind the host would no longer fit it
      case EntityType::CN_RESIDENT_ID:
        return value.size() >= 18 ? std::optional(Draw("resident_id")) : std::nullopt;
      case EntityType::BANK_CARD:
        return Draw("bank_card");
      case EntityType::CREDIT_CARD:
        return Draw("credit_card");
      case EntityType::CN_USCC:
        return Draw("uscc");
      case EntityType::IBAN:
        return Draw("iban");
      case EntityType::VIN:
        return Draw("vin");
      case EntityType::US_SSN:
        return Draw("ssn");
      case EntityType::IP_ADDRESS:
        return Draw("ip");
      case EntityType::MAC_ADDRESS:
        return Draw("mac");
      case EntityType::CN_PASSPORT:
        return Draw("passport");
      case EntityType::QQ:
      case EntityType::OTHER_ID:
      case EntityType::SECRET:
        return SameForm(value, random_);
      case EntityType::USERNAME:
        return Draw("user_en");
      default:
        return std::nullopt;
    }
  }

  const LabeledRecord& record_;
  double share_;
  const Fillers& fillers_;
  const KnownWords& words_;
  Random& random_;
  Place place_;
  bool traditional_;
  std::map<std::pair<std::string_view, EntityType>, std::string> new_values_;
  // Of full names, in lower case; nothing for those of names that stay.
  std::map<std::string, std::optional<std::string>> name_parts_;
};

}  // namespace

LabeledRecord Swapped(const LabeledRecord& record, double share, const Fillers& fillers, Random& random) {
  return Swapping(record, share, fillers, random).Run();
}

}  // namespace privet
