#include "training/data/synthesis/fillers.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "core/absl_view.h"
#include "training/data/synthesis/lookalikes.h"
#include "training/data/synthesis/numbers.h"

namespace privet {
namespace {

const Place& NoPlace() {
  static const Place place;
  return place;
}

// For a name that ICU has readings for, or that is of ASCII: a few are not, and lists of the user's own may
// hold no other.
constexpr int kMostDraws = 1000;

std::string Capitalised(std::string word) {
  if (!word.empty()) word[0] = absl::ascii_toupper(static_cast<unsigned char>(word[0]));
  return word;
}

std::vector<std::string> Syllables(std::string_view pinyin) {
  return absl::StrSplit(AbslView(pinyin), ' ', absl::SkipEmpty());
}

// Letters and digits of ASCII only, in lower case: José O'Neil -> joseoneil would need é, so such names are
// skipped by the caller.
std::string AsMailboxWord(std::string_view name) {
  std::string word;
  for (const char c : name) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      word.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      return "";
    }
  }
  return word;
}

}  // namespace

const std::vector<Fillers::Hook>& Fillers::NameHooks() {
  static const std::vector<Hook>* const hooks = new std::vector<Hook>{
      {"prov", [](const Fillers&, const Scene& s, std::string* out) { out->append(s.place.province); }},
      {"prov_bare", [](const Fillers&, const Scene& s, std::string* out) { out->append(s.place.province_bare); }},
      {"prov2_bare",
       [](const Fillers& f, const Scene& s, std::string* out) {
         out->append(f.DrawPlace(s.random).province_bare);
       }},
      {"city", [](const Fillers&, const Scene& s, std::string* out) { out->append(s.place.city); }},
      {"city_bare", [](const Fillers&, const Scene& s, std::string* out) { out->append(s.place.city_bare); }},
      {"city2_bare",
       [](const Fillers& f, const Scene& s, std::string* out) { out->append(f.DrawPlace(s.random).city_bare); }},
      {"city_or_region", [](const Fillers&, const Scene& s, std::string* out) { out->append(s.place.city); }},
      {"dist", [](const Fillers&, const Scene& s, std::string* out) { out->append(s.place.district); }},
      {"dist_bare", [](const Fillers&, const Scene& s, std::string* out) { out->append(s.place.district_bare); }},
      {"town", [](const Fillers&, const Scene& s, std::string* out) { out->append(s.place.town); }},
      {"town_bare", [](const Fillers&, const Scene& s, std::string* out) { out->append(s.place.town_bare); }},
      {"region", [](const Fillers&, const Scene& s, std::string* out) { out->append(s.place.Region()); }},
      {"region_bare", [](const Fillers&, const Scene& s, std::string* out) { out->append(s.place.RegionBare()); }},
      {"village_bare",
       [](const Fillers& f, const Scene& s, std::string* out) {
         out->append(WithoutPlaceKind(f.From("village", s)));
       }},
      {"community_bare",
       [](const Fillers& f, const Scene& s, std::string* out) {
         out->append(WithoutPlaceKind(f.From("community", s)));
       }},
      {"surname", [](const Fillers& f, const Scene& s, std::string* out) { out->append(f.From("surname_any", s)); }},
      {"given1",
       [](const Fillers& f, const Scene& s, std::string* out) { out->append(f.From("given_single_any", s)); }},
      {"brand",
       [](const Fillers& f, const Scene& s, std::string* out) {
         const std::string brand = f.From("brand_any", s);
         if (s.brand != nullptr) *s.brand = brand;
         out->append(brand);
       }},
      {"brand_short",
       [](const Fillers& f, const Scene& s, std::string* out) {
         const std::string brand = f.From("brand_plain", s);
         if (s.brand != nullptr) *s.brand = brand;
         out->append(brand);
       }},
      {"pinyin_brand",
       [](const Fillers& f, const Scene& s, std::string* out) {
         const std::string brand = f.From(s.random.Chance(0.6) ? "brand_char_a" : "brand_two", s) +
                                   (s.random.Chance(0.6) ? f.From("brand_char_b", s) : "");
         out->append(Capitalised(absl::StrReplaceAll(f.readings_.Pinyin(brand), {{" ", ""}})));
       }},
      {"pinyin_given",
       [](const Fillers& f, const Scene& s, std::string* out) { out->append(f.PinyinGiven(s.random)); }},
      {"brand_latin",
       [](const Fillers& f, const Scene& s, std::string* out) {
         if (s.random.Chance(0.5)) {
           out->append(absl::StrReplaceAll(f.readings_.Pinyin(f.From("brand_two", s)), {{" ", ""}}));
         } else {
           out->append(AsMailboxWord(f.From("en_brand", s)));
         }
       }},
      {"city_py",
       [](const Fillers& f, const Scene& s, std::string* out) {
         const Place place = f.DrawPlace(s.random);
         out->append(Capitalised(absl::StrReplaceAll(
             f.readings_.Pinyin(s.random.Chance(0.5) ? place.city_bare : place.town_bare), {{" ", ""}})));
       }},
      {"hex",
       [](const Fillers& f, const Scene& s, std::string* out) {
         std::string id = f.From("hex_form", s);
         while (ReadsAsNumberOfAPerson(id)) id = f.From("hex_form", s);
         out->append(id);
       }},
      {"seq",
       [](const Fillers& f, const Scene& s, std::string* out) {
         std::string digits = f.From("seq_form", s);
         while (ReadsAsNumberOfAPerson(digits)) digits = f.From("seq_form", s);
         out->append(digits);
       }},
      {"mail_name",
       [](const Fillers& f, const Scene& s, std::string* out) { out->append(f.MailboxName(s.random, false)); }},
      {"mail_name_en",
       [](const Fillers& f, const Scene& s, std::string* out) { out->append(f.MailboxName(s.random, true)); }},
      {"mail_role",
       [](const Fillers&, const Scene& s, std::string* out) {
         static constexpr std::array<std::string_view, 20> kRoles = {
             "info",  "hr",      "service", "sales",  "support", "admin",  "contact", "kefu",   "office", "zhaopin",
             "legal", "finance", "press",   "hello",  "billing", "jobs",   "careers", "noreply", "team",  "help"};
         out->append(kRoles[s.random.Below(kRoles.size())]);
       }},
      {"user_en",
       [](const Fillers& f, const Scene& s, std::string* out) { out->append(f.MailboxName(s.random, true)); }},
      {"city_state_zip",
       [](const Fillers& f, const Scene& s, std::string* out) {
         const std::string entry = f.From("city_state_prefix", s);
         const std::vector<std::string> parts = absl::StrSplit(entry, '|');
         absl::StrAppend(out, parts[0], ", ", parts[1], " ", parts[2], s.random.Between(1, 9), s.random.Between(0, 9));
         if (s.random.Chance(0.06)) absl::StrAppend(out, "-", s.random.Between(1000, 9999));
       }},
      {"city_state",
       [](const Fillers& f, const Scene& s, std::string* out) {
         const std::string entry = f.From("city_state_prefix", s);
         const std::vector<std::string> parts = absl::StrSplit(entry, '|');
         absl::StrAppend(out, parts[0], ", ", parts[1]);
       }},
      {"password_word",
       [](const Fillers& f, const Scene& s, std::string* out) {
         // What people choose themselves: a name or word, digits, a mark.
         std::string word = s.random.Chance(0.5) ? f.PinyinGiven(s.random) : f.From("user_word_list", s);
         if (s.random.Chance(0.6)) word = Capitalised(word);
         static constexpr std::string_view kMarks = "@#!_.$*";
         out->append(word).push_back(s.random.Pick(kMarks));
         absl::StrAppend(out, s.random.Chance(0.5) ? s.random.Between(1970, 2025) : s.random.Between(100, 999999));
         if (s.random.Chance(0.3)) out->push_back(s.random.Pick("!#*"));
       }},
  };
  return *hooks;
}

absl::StatusOr<std::unique_ptr<const Fillers>> Fillers::Load(std::span<const ListSource> sources) {
  std::vector<std::string_view> hooks;
  for (const Hook& hook : NameHooks()) hooks.push_back(hook.name);
  for (const NumberKind& kind : NumberKinds()) hooks.push_back(kind.name);
  std::vector<ListSource> lists;
  const ListSource* table = nullptr;
  for (const ListSource& source : sources) {
    if (source.name.ends_with(".tsv")) {
      table = &source;
    } else {
      lists.push_back(source);
    }
  }
  if (table == nullptr)
    return absl::InvalidArgumentError("no table of divisions (divisions.tsv) among the lists");
  absl::StatusOr<Lexicon> lexicon = Lexicon::Parse(lists, hooks);
  if (!lexicon.ok()) return lexicon.status();
  absl::StatusOr<Divisions> divisions = Divisions::Parse(table->name, table->content);
  if (!divisions.ok()) return divisions.status();
  absl::StatusOr<HanReadings> readings = HanReadings::Load();
  if (!readings.ok()) return readings.status();
  return std::unique_ptr<const Fillers>(
      new Fillers(*std::move(lexicon), *std::move(divisions), *std::move(readings)));
}

Lexicon::ListId Fillers::ListOf(std::string_view name) const {
  const std::optional<Lexicon::ListId> list = lexicon_.Find(name);
  if (!list) {
    std::cerr << "no list '" << name << "' among the fillers\n";
    std::abort();
  }
  return *list;
}

std::string Fillers::Draw(Lexicon::ListId list, const Place& place, Random& random,
                          std::string* brand) const {
  std::string out;
  const Scene scene{place, random, brand};
  const std::vector<Hook>& hooks = NameHooks();
  const auto append = [&](size_t hook, std::string* to) {
    if (hook < hooks.size()) {
      hooks[hook].append(*this, scene, to);
    } else {
      NumberKinds()[hook - hooks.size()].append(random, to);
    }
  };
  lexicon_.Expand(list, random, append, &out);
  return out;
}

std::string Fillers::From(std::string_view list, const Scene& scene) const {
  return Draw(ListOf(list), scene.place, scene.random);
}

NameParts Fillers::ChineseName(Random& random) const {
  NameParts name;
  name.first = Draw("surname_any", NoPlace(), random);
  name.last = Draw("given", NoPlace(), random);
  return name;
}

NameParts Fillers::LatinName(Random& random) const {
  const std::string drawn = Draw("person_en_parts", NoPlace(), random);
  const size_t bar = drawn.find('|');
  return {drawn.substr(0, bar), drawn.substr(bar + 1)};
}

std::string Fillers::PersonName(Random& random) const {
  if (random.Chance(0.12)) return Draw("person_other", NoPlace(), random);
  const NameParts name = ChineseName(random);
  constexpr size_t kTwoHan = 6;
  // Forms set two characters apart: 王　伟.
  if (name.first.size() + name.last.size() == kTwoHan && random.Chance(0.015)) {
    return absl::StrCat(name.first, random.Chance(0.5) ? "　" : " ", name.last);
  }
  return name.first + name.last;
}

std::string Fillers::PinyinGiven(Random& random) const {
  return absl::StrReplaceAll(readings_.Pinyin(Draw("given", NoPlace(), random)), {{" ", ""}});
}

std::string Fillers::PinyinName(Random& random) const {
  if (random.Chance(0.08)) return Draw("person_cantonese", NoPlace(), random);
  NameParts name;
  std::vector<std::string> given;
  std::string surname;
  for (int i = 0; i < kMostDraws && (surname.empty() || given.empty()); ++i) {
    name = ChineseName(random);
    given = Syllables(readings_.Pinyin(name.last));
    surname = absl::StrReplaceAll(readings_.SurnamePinyin(name.first), {{" ", ""}});
  }
  if (surname.empty()) surname = name.first;
  if (given.empty()) given = {name.last};
  const std::string last = Capitalised(surname);
  const std::string first = Capitalised(absl::StrJoin(given, ""));
  const std::string dashed = Capitalised(absl::StrJoin(given, "-"));
  std::string apart = absl::StrJoin(
      given, " ", [](std::string* out, const std::string& syllable) { out->append(Capitalised(syllable)); });
  switch (random.Below(40)) {
    case 0:
    case 1:
      return absl::StrCat(absl::AsciiStrToUpper(last), " ", first);
    case 2:
    case 3:
      return absl::AsciiStrToUpper(absl::StrCat(first, " ", last));
    case 4:
    case 5:
    case 6:
      return absl::AsciiStrToUpper(absl::StrCat(last, " ", first));
    case 7:
      return absl::StrCat(last, " ", dashed);
    case 8:
      return absl::StrCat(dashed, " ", last);
    case 9:
      return absl::StrCat(apart, " ", last);
    case 10:
      return absl::StrCat(last, " ", apart);
    case 11:
      return absl::StrCat(surname, " ", absl::StrJoin(given, ""));
    case 12:
      return absl::StrCat(last, ", ", first);
    case 13:
      return absl::StrCat(first, " ", absl::AsciiStrToUpper(last));
    case 14:
    case 15:
      return absl::StrCat(Draw("first_common", NoPlace(), random), " ", last);
    case 16:
      return absl::StrCat(absl::AsciiStrToUpper(last), ", ", first);
    case 17:
      return absl::StrCat(last, first);
    default:
      return random.Chance(0.5) ? absl::StrCat(last, " ", first) : absl::StrCat(first, " ", last);
  }
}

std::string Fillers::MailboxName(Random& random, bool english) const {
  std::string first, last;
  for (int i = 0; i < kMostDraws && (first.empty() || last.empty()); ++i) {
    if (english) {
      const NameParts name = LatinName(random);
      first = AsMailboxWord(name.first);
      last = AsMailboxWord(name.last);
    } else {
      const NameParts name = ChineseName(random);
      first = absl::StrReplaceAll(readings_.Pinyin(name.last), {{" ", ""}});
      last = absl::StrReplaceAll(readings_.SurnamePinyin(name.first), {{" ", ""}});
    }
  }
  for (std::string* const word : {&first, &last}) {
    if (word->empty()) *word = "mail";
  }
  const std::string number =
      std::to_string(random.Chance(0.5) ? random.Between(1, 99) : random.Between(1970, 2008));
  switch (random.Below(english ? 16 : 20)) {
    case 0:
    case 1:
    case 2:
      return absl::StrCat(first, ".", last);
    case 3:
      return absl::StrCat(first, "_", last);
    case 4:
    case 5:
      return absl::StrCat(first.substr(0, 1), last);
    case 6:
      return absl::StrCat(first, last);
    case 7:
      return absl::StrCat(first, number);
    case 8:
      return absl::StrCat(last, ".", first);
    case 9:
      return absl::StrCat(first, last, number);
    case 10:
      return absl::StrCat(first.substr(0, 1), ".", last);
    case 11:
      return absl::StrCat(last, number);
    case 12:
      return absl::StrCat(last, "-", first);
    case 13:
      return absl::StrCat(last, "_", first);
    case 14:
      return absl::StrCat(last, first.substr(0, 1), number);
    case 15:
      return first.size() > 3 ? first : absl::StrCat(first, last);
    default:
      return random.Chance(0.5) ? absl::StrCat(last, first) : absl::StrCat(last, first, number);
  }
}

}  // namespace privet
