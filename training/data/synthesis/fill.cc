#include "training/data/synthesis/fill.h"

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/absl_view.h"
#include "core/utf8.h"

namespace privet {
namespace {

using Kind = TemplatePart::Kind;

// For a value with what it must have. Lists of the user's own may hold none, such as companies without a
// brand: then the last is taken as it is.
constexpr int kMostDraws = 1000;

bool EndsInDigit(std::string_view text) {
  return !text.empty() && absl::ascii_isdigit(static_cast<unsigned char>(text.back()));
}
bool StartsWithDigit(std::string_view text) {
  return !text.empty() && absl::ascii_isdigit(static_cast<unsigned char>(text.front()));
}

bool StartsWithAny(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.starts_with(word); });
}

std::string InCase(std::string_view text, bool upper) {
  icu::UnicodeString letters =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  std::string out;
  (upper ? letters.toUpper(icu::Locale::getRoot()) : letters.toLower(icu::Locale::getRoot()))
      .toUTF8String(out);
  return out;
}

// What is said of a place by its short name: 杭州人, 广东话, 深圳北站.
bool WantsBareName(std::string_view next) {
  return StartsWithAny(
      next, {"市",   "省",   "县",   "區",   "区",   "縣",   "人",   "籍",   "话",   "話",   "菜",
             "站",   "东站", "東站", "南站", "西站", "北站", "机场", "機場", "大学", "大學", "姑娘",
             "小伙", "口音", "队",   "隊",   "店",   "本地", "老乡", "方言", "这边", "那边", "分公司",
             "分行", "支行", "转机", "飞",   "大区", "赛区", "厂",   "廠"});
}

// One filling of one snippet.
class Filling {
 public:
  Filling(const Template& snippet, const Fillers& fillers, Random& random)
      : snippet_(snippet),
        fillers_(fillers),
        random_(random),
        place_(fillers.DrawPlace(random)),
        small_letters_(snippet.casing == Casing::Lower && random.Chance(0.5)) {}

  LabeledRecord Run() {
    record_.origin = snippet_.origin;
    std::optional<LabeledSpan> open;
    for (index_ = 0; index_ < snippet_.parts.size(); ++index_) {
      const TemplatePart& part = snippet_.parts[index_];
      switch (part.kind) {
        case Kind::Text:
          record_.text.append(part.text);
          if (open) Extend({record_.text.size() - part.text.size(), record_.text.size()}, &open->span);
          break;
        case Kind::Open:
          open = LabeledSpan{{}, part.type.value_or(EntityType::OTHER_ID)};
          break;
        case Kind::Close:
          if (open && !open->span.empty()) record_.spans.push_back(*open);
          open.reset();
          break;
        case Kind::Slot: {
          const Span span = AppendValue(part);
          const std::optional<EntityType> type = Describe(part.slot).type;
          if (open) {
            Extend(span, &open->span);
          } else if (type && !span.empty()) {
            record_.spans.push_back({span, *type});
          }
          break;
        }
      }
    }
    return std::move(record_);
  }

 private:
  // To what a typed value holds as well: not the space nor the quotes that are written around a slot's value.
  static void Extend(const Span& held, Span* span) {
    if (held.empty()) return;
    if (span->empty()) span->begin = held.begin;
    span->end = held.end;
  }

  std::string_view NextText() const {
    // Closings between do not show in the text.
    for (size_t i = index_ + 1; i < snippet_.parts.size(); ++i) {
      if (snippet_.parts[i].kind == Kind::Text) return snippet_.parts[i].text;
      if (snippet_.parts[i].kind == Kind::Slot) return "";
    }
    return "";
  }

  bool FollowsSlot() const {
    for (size_t i = index_; i-- > 0;) {
      if (snippet_.parts[i].kind == Kind::Text) return false;
      if (snippet_.parts[i].kind == Kind::Slot) return true;
    }
    return false;
  }

  std::string Draw(std::string_view list) { return fillers_.Draw(list, place_, random_); }

  // The list for the snippet's language and script.
  std::string DrawListed(const SlotSpec& spec, std::string* brand = nullptr) {
    std::string_view list = spec.list_zh;
    if (snippet_.english && !spec.list_en.empty()) list = spec.list_en;
    if (snippet_.traditional && !spec.list_hant.empty() && random_.Chance(0.7)) list = spec.list_hant;
    return fillers_.Draw(fillers_.ListOf(list), place_, random_, brand);
  }

  // Whether a slot of the kind has this tag: a name whose parts are asked for must have parts.
  bool Uses(SlotKind kind, int tag) const {
    return std::any_of(snippet_.parts.begin(), snippet_.parts.end(), [&](const TemplatePart& part) {
      return part.kind == Kind::Slot && part.slot == kind && part.tag == tag;
    });
  }

  std::string PersonValue(const TemplatePart& part) {
    const bool person = part.slot == SlotKind::PER;
    if (part.tag == 0) {
      if (person) return fillers_.PersonName(random_);
      return Draw(Describe(part.slot).list_zh);
    }
    if (person && !Uses(SlotKind::SUR, part.tag) && !Uses(SlotKind::GIV, part.tag)) {
      return Kept(part, [&] { return fillers_.PersonName(random_); });
    }
    auto [it, added] = people_.try_emplace(part.tag);
    if (added) {
      it->second = fillers_.ChineseName(random_);
      // A given name that is used alone has two characters: 小明来了, not 明来了.
      for (int i = 0; i < kMostDraws && Uses(SlotKind::GIV, part.tag) && it->second.last.size() < 6; ++i)
        it->second = fillers_.ChineseName(random_);
    }
    if (part.slot == SlotKind::SUR) return it->second.first;
    return person ? it->second.first + it->second.last : it->second.last;
  }

  std::string LatinValue(const TemplatePart& part) {
    const bool parts_used =
        part.tag != 0 && (part.slot != SlotKind::PER_EN || Uses(SlotKind::FIRST_EN, part.tag) ||
                          Uses(SlotKind::LAST_EN, part.tag));
    if (!parts_used) {
      if (part.tag == 0) return Draw(Describe(part.slot).list_zh);
      return Kept(part, [&] { return Draw(Describe(part.slot).list_zh); });
    }
    auto [it, added] = latin_people_.try_emplace(part.tag);
    if (added) it->second = fillers_.LatinName(random_);
    if (part.slot == SlotKind::FIRST_EN) return it->second.first;
    if (part.slot == SlotKind::LAST_EN) return it->second.last;
    return absl::StrCat(it->second.first, " ", it->second.last);
  }

  template <class Function>
  std::string Kept(const TemplatePart& part, Function draw) {
    if (part.tag == 0) return draw();
    auto [it, added] = values_.try_emplace({part.slot, part.tag});
    if (added) it->second = draw();
    return it->second;
  }

  std::string OrganizationValue(const TemplatePart& part) {
    if (part.before_branch) {
      if (part.slot == SlotKind::BANK) return Draw("bank_head");
      return Draw("company_known");
    }
    if (part.after_place) return AfterPlace(part);
    if (part.tag != 0 && (part.slot == SlotKind::ORG || part.slot == SlotKind::ORG_S) &&
        Uses(SlotKind::ORG, part.tag) && Uses(SlotKind::ORG_S, part.tag)) {
      auto [it, added] = companies_.try_emplace(part.tag);
      auto& [brand, name] = it->second;
      for (int i = 0; added && i < kMostDraws && brand.empty(); ++i)
        name = fillers_.Draw(fillers_.ListOf("company"), place_, random_, &brand);
      return part.slot == SlotKind::ORG || brand.empty() ? name : brand;
    }
    return Kept(part, [&] {
      place_ = fillers_.DrawPlace(random_);
      return DrawListed(Describe(part.slot));
    });
  }

  // An institution behind a place that it belongs to: begins with what stands there already, which is taken
  // back.
  std::string AfterPlace(const TemplatePart& part) {
    const SlotSpec& spec = Describe(part.slot);
    const std::string_view before = std::string_view(record_.text).substr(last_value_.begin);
    const std::string bare = last_bare_.empty() ? std::string(before) : last_bare_;
    for (int attempt = 0; attempt < 40; ++attempt) {
      const std::string value = fillers_.Draw(fillers_.ListOf(spec.list_zh), place_, random_);
      if (!value.starts_with(bare) || value.size() <= before.size()) continue;
      record_.text.resize(last_value_.begin);
      return value;
    }
    return Draw(part.slot == SlotKind::GOV    ? "bureau"
                : part.slot == SlotKind::BANK ? "bank_big"
                                              : "hospital_or_school_word");
  }

  // Places of the country: the slot's level of the region at hand.
  std::string PlaceValue(const TemplatePart& part) {
    last_bare_.clear();
    if (part.tag != 0) {
      if (const auto kept = places_.find({part.slot, part.tag}); kept != places_.end()) {
        place_ = kept->second;
        return values_.at({part.slot, part.tag});
      }
    }
    const std::string value = NewPlaceValue(part);
    if (part.tag != 0) {
      places_[{part.slot, part.tag}] = place_;
      values_[{part.slot, part.tag}] = value;
    }
    return value;
  }

  std::string NewPlaceValue(const TemplatePart& part) {
    const SlotSpec& spec = Describe(part.slot);
    const bool hant = snippet_.traditional && !part.same_place && !NextIsSamePlace();
    if (hant && !spec.list_hant.empty() && random_.Chance(0.7)) return Draw(spec.list_hant);
    if (part.slot == SlotKind::COUNTRY) return CountryValue();
    if (part.same_place && !abroad_.empty()) return std::exchange(abroad_, {});
    if (!part.same_place) {
      abroad_.clear();
      // Field by field, and provinces with cities, go wrong in a municipality now and then; forms take both.
      place_ = fillers_.DrawPlace(random_);
      while (NextIsSamePlace() && part.slot == SlotKind::PROV && place_.in_municipality &&
             random_.Chance(0.7)) {
        place_ = fillers_.DrawPlace(random_);
      }
      const bool fields = NextIsSamePlace() && snippet_.notation != Notation::Prose;
      full_forms_ = random_.Chance(fields ? 0.85 : NextIsSamePlace() ? 0.62 : 0.36);
    }
    const bool full = full_forms_ && !WantsBareName(NextText());
    const auto form = [&](std::string_view name, std::string_view bare) {
      last_bare_ = std::string(bare);
      return std::string(full ? name : bare);
    };
    switch (part.slot) {
      case SlotKind::PROV:
        return form(place_.province, place_.province_bare);
      case SlotKind::CITY:
        return form(place_.city, place_.city_bare);
      case SlotKind::DIST:
        return form(place_.district, place_.district_bare);
      case SlotKind::LOC:
        return Draw(!part.same_place ? "loc" : FollowsDistrict() ? "loc_in_district" : "loc_inside");
      case SlotKind::ADDR_P:
        return Draw("addr_part");
      default:
        return DrawListed(spec);
    }
  }

  bool NextIsSamePlace() const {
    for (size_t i = index_ + 1; i < snippet_.parts.size() && i <= index_ + 3; ++i) {
      if (snippet_.parts[i].kind == Kind::Slot) return snippet_.parts[i].same_place;
    }
    return false;
  }

  bool FollowsDistrict() const {
    for (size_t i = index_; i > 0; --i) {
      if (snippet_.parts[i - 1].kind == Kind::Slot) return snippet_.parts[i - 1].slot == SlotKind::DIST;
    }
    return false;
  }

  std::string CountryValue() {
    const bool with_city = index_ + 1 < snippet_.parts.size() &&
                           snippet_.parts[index_ + 1].kind == Kind::Slot &&
                           snippet_.parts[index_ + 1].same_place;
    if (!with_city) return Draw("country");
    const std::string pair = Draw("country_city");
    const size_t bar = pair.find('|');
    abroad_ = pair.substr(bar + 1);
    return pair.substr(0, bar);
  }

  std::string ValueValue(const TemplatePart& part) {
    const SlotSpec& spec = Describe(part.slot);
    const bool bare_json = snippet_.notation == Notation::Json && !record_.text.empty() &&
                           (record_.text.back() == ':' || record_.text.ends_with("\": "));
    if (bare_json && part.slot == SlotKind::AMT) return Draw("amt_plain");
    if (bare_json && part.slot == SlotKind::NUM) return Draw("num_plain");
    // Prices and counts that a unit follows.
    const std::string_view next = NextText();
    if (part.slot == SlotKind::AMT &&
        StartsWithAny(next, {"元", "万", "萬", "块", "塊", "亿", "美元", "人民币"}))
      return Draw("num_plain");
    if (part.slot == SlotKind::NUM && !next.empty() && static_cast<unsigned char>(next[0]) < 0x80) {
      return Kept(part, [&] { return Draw("num_plain"); });
    }
    return Kept(part, [&] { return DrawListed(spec); });
  }

  std::string ValueOf(const TemplatePart& part) {
    const SlotSpec& spec = Describe(part.slot);
    switch (spec.family) {
      case SlotFamily::Person:
        return PersonValue(part);
      case SlotFamily::Latin:
        return LatinValue(part);
      case SlotFamily::Pinyin:
        return Kept(part, [&] { return fillers_.PinyinName(random_); });
      case SlotFamily::Name:
        return Kept(part, [&] { return DrawListed(spec); });
      case SlotFamily::Organization:
        return OrganizationValue(part);
      case SlotFamily::Place:
        return PlaceValue(part);
      case SlotFamily::Value:
        return ValueValue(part);
    }
    return "";
  }

  // Script and casing of the snippet.
  std::string Styled(const SlotSpec& spec, std::string value) {
    if (snippet_.traditional) value = fillers_.readings().Traditional(value);
    if (spec.family != SlotFamily::Value) {
      if (small_letters_) value = InCase(value, false);
      if (snippet_.casing == Casing::Upper) value = InCase(value, true);
    }
    return value;
  }

  // As the notation asks where the value would end what it stands in. `quoted` becomes true where the value
  // needs quotes around it.
  std::string Escaped(std::string value, bool* quoted) const {
    const char before = record_.text.empty() ? '\0' : record_.text.back();
    switch (snippet_.notation) {
      case Notation::Json:
        return before == '\'' ? absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"'", "\\'"}})
                              : absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}});
      case Notation::Sql:
        return absl::StrReplaceAll(value, {{"'", "''"}});
      case Notation::Xml:
        return absl::StrReplaceAll(value, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
      case Notation::Csv:
        *quoted = before != '"' && value.find_first_of(",\"") != std::string::npos;
        return absl::StrReplaceAll(value, {{"\"", "\"\""}});
      case Notation::Prose:
        // A string of a programming language.
        if (before == '\'' && NextText().starts_with('\'') &&
            std::any_of(snippet_.parts.begin(), snippet_.parts.end(), [](const TemplatePart& part) {
              return part.kind == Kind::Text && part.text.find_first_of("=({") != std::string::npos;
            })) {
          return absl::StrReplaceAll(value, {{"'", "\\'"}});
        }
        return value;
    }
    return value;
  }

  // 杭州市 before 市民 and 500元 before 元: what follows says it already.
  static void DropDoubled(std::string_view next, std::string* value) {
    if (next.empty() || value->empty()) return;
    const size_t last = PreviousCodePoint(*value, value->size());
    const std::string_view ending = std::string_view(*value).substr(last);
    static constexpr std::string_view kDoubled = "市省县区縣區元日号號路镇村社分";
    if (last > 0 && ending.size() > 1 && kDoubled.find(ending) != std::string_view::npos &&
        next.starts_with(ending)) {
      value->resize(last);
    }
  }

  Span AppendValue(const TemplatePart& part) {
    std::string value = ValueOf(part);
    DropDoubled(NextText(), &value);
    value = Styled(Describe(part.slot), std::move(value));
    // Two slots that touch: 2024-05-01 and 09:30 are two words.
    if (FollowsSlot() && EndsInDigit(record_.text) && StartsWithDigit(value)) record_.text.push_back(' ');
    bool quoted = false;
    value = Escaped(std::move(value), &quoted);
    if (quoted) record_.text.push_back('"');
    last_value_ = {record_.text.size(), record_.text.size() + value.size()};
    record_.text.append(value);
    Span span = last_value_;
    // The article is no part of a name: the [Alps], the [Associated Press].
    const SlotFamily family = Describe(part.slot).family;
    if (family == SlotFamily::Name && StartsWithAny(value, {"the ", "The ", "THE "})) span.begin += 4;
    if (quoted) record_.text.push_back('"');
    return span;
  }

  const Template& snippet_;
  const Fillers& fillers_;
  Random& random_;
  LabeledRecord record_;
  size_t index_ = 0;
  Span last_value_;

  Place place_;              // of the last place that was drawn
  bool small_letters_;       // throughout
  bool full_forms_ = false;  // 杭州市, not 杭州, for the places of a chain
  std::string last_bare_;    // 杭州, where 杭州市 was the last place
  std::string abroad_;       // the city that goes with the country just drawn
  std::map<int, NameParts> people_, latin_people_;
  std::map<int, std::pair<std::string, std::string>> companies_;  // brand, full name
  std::map<std::pair<SlotKind, int>, std::string> values_;
  std::map<std::pair<SlotKind, int>, Place> places_;
};

}  // namespace

LabeledRecord Fill(const Template& snippet, const Fillers& fillers, Random& random) {
  return Filling(snippet, fillers, random).Run();
}

}  // namespace privet
