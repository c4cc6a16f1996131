#include "training/data/synthesis/template.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/absl_view.h"
#include "core/utf8.h"

namespace privet {
namespace {

constexpr SlotSpec kSlots[] = {
#define PRIVET_SLOT(name, type, family, zh, en, hant) \
  {SlotKind::name, #name, EntityType::type, SlotFamily::family, zh, en, hant},
#define PRIVET_UNLABELED_SLOT(name, family, zh, en, hant) \
  {SlotKind::name, #name, std::nullopt, SlotFamily::family, zh, en, hant},
#include "training/data/synthesis/slots.def"
#undef PRIVET_UNLABELED_SLOT
#undef PRIVET_SLOT
};

constexpr size_t kMostSlots = 2000;  // in one line; a document has a few dozen
constexpr size_t kWidestLink = 24;  // bytes between two places of one region, as between the fields of a form

std::optional<SlotKind> FindSlot(std::string_view name) {
  for (const SlotSpec& slot : kSlots) {
    if (slot.name == name) return slot.kind;
  }
  return std::nullopt;
}

// From larger to smaller; nothing for what is no place in Chinese.
std::optional<int> LevelOf(const TemplatePart& part) {
  if (part.kind != TemplatePart::Kind::Slot) return std::nullopt;
  switch (part.slot) {
    case SlotKind::COUNTRY:
      return 0;
    case SlotKind::PROV:
      return 1;
    case SlotKind::CITY:
      return 2;
    case SlotKind::DIST:
      return 3;
    case SlotKind::LOC:
      return 4;
    case SlotKind::ADDR_P:
      return 5;
    default:
      return std::nullopt;
  }
}

bool IsInstitution(const TemplatePart& part) {
  if (part.kind != TemplatePart::Kind::Slot) return false;
  return Describe(part.slot).family == SlotFamily::Organization && part.slot != SlotKind::ORG_S;
}

size_t BranchWordSize(std::string_view text) {
  for (const std::string_view word :
       {std::string_view("分行"), std::string_view("支行"), std::string_view("分公司"),
        std::string_view("营业部"), std::string_view("中心支公司"), std::string_view("分理处"),
        std::string_view("分店")}) {
    if (text.starts_with(word)) return word.size();
  }
  return 0;
}

TemplatePart Opening(EntityType type) { return {.kind = TemplatePart::Kind::Open, .type = type}; }
TemplatePart Closing() { return {.kind = TemplatePart::Kind::Close}; }

// How many parts from `i` make one name whose pieces the snippet writes apart: {FIRST_EN} {LAST_EN},
// {SUR}{GIV}, and {LAST_EN}, {FIRST_EN} unless a word stands before it (Mrs {LAST_EN}, {FIRST_EN} is well). 0
// for none. `before` is the text up to there.
size_t NameInPieces(const std::vector<TemplatePart>& parts, size_t i, std::string_view before) {
  const auto is = [&](size_t at, SlotKind slot) {
    return at < parts.size() && parts[at].kind == TemplatePart::Kind::Slot && parts[at].slot == slot;
  };
  const auto text_is = [&](size_t at, std::string_view text) {
    return at < parts.size() && parts[at].kind == TemplatePart::Kind::Text && parts[at].text == text;
  };
  if (is(i, SlotKind::SUR) && is(i + 1, SlotKind::GIV)) return 2;
  if (is(i, SlotKind::FIRST_EN) && text_is(i + 1, " ") && is(i + 2, SlotKind::LAST_EN)) return 3;
  if (is(i, SlotKind::LAST_EN) && text_is(i + 1, ", ") && is(i + 2, SlotKind::FIRST_EN)) {
    const bool word = before.size() >= 2 && before.ends_with(' ') &&
                      absl::ascii_isalpha(static_cast<unsigned char>(before[before.size() - 2]));
    return word ? 0 : 3;
  }
  return 0;
}

// Marks places of one region, and puts those that form one mention into a typed value.
std::vector<TemplatePart> WithPlacesJoined(std::vector<TemplatePart> parts) {
  using Kind = TemplatePart::Kind;
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::optional<int> level = LevelOf(parts[i]);
    if (!level) continue;
    std::optional<int> before = LevelOf(parts[i - 1]);
    if (!before && i >= 2 && parts[i - 1].kind == Kind::Text && parts[i - 1].text.size() <= kWidestLink) {
      before = LevelOf(parts[i - 2]);
      if (before == 0) before.reset();  // a country and a city in a sentence
    }
    parts[i].same_place = before && *before < *level;
  }
  std::vector<TemplatePart> joined;
  bool inside = false;  // of a typed value that the writer opened
  for (size_t i = 0; i < parts.size();) {
    if (parts[i].kind == Kind::Open) inside = true;
    if (parts[i].kind == Kind::Close) inside = false;
    size_t end = i;
    if (!inside && LevelOf(parts[i])) {
      while (end + 1 < parts.size() && LevelOf(parts[end + 1]) &&
             *LevelOf(parts[end]) < *LevelOf(parts[end + 1]))
        ++end;
      const bool institution = end + 1 < parts.size() && IsInstitution(parts[end + 1]) &&
                               *LevelOf(parts[end]) >= 1 && *LevelOf(parts[end]) <= 3;
      if (institution) parts[++end].after_place = true;
      if (end > i) {
        joined.push_back(Opening(institution ? EntityType::ORGANIZATION : *Describe(parts[end].slot).type));
        joined.insert(joined.end(), parts.begin() + static_cast<ptrdiff_t>(i),
                      parts.begin() + static_cast<ptrdiff_t>(end) + 1);
        joined.push_back(Closing());
        i = end + 1;
        continue;
      }
    }
    if (const size_t name = inside ? 0 : NameInPieces(parts, i, joined.empty() ? "" : joined.back().text);
        name > 0) {
      joined.push_back(Opening(EntityType::PERSON));
      joined.insert(joined.end(), parts.begin() + static_cast<ptrdiff_t>(i),
                    parts.begin() + static_cast<ptrdiff_t>(i + name));
      joined.push_back(Closing());
      i += name;
      continue;
    }
    const bool brand = !inside && parts[i].kind == Kind::Slot &&
                       (parts[i].slot == SlotKind::BANK || parts[i].slot == SlotKind::ORG ||
                        parts[i].slot == SlotKind::ORG_S);
    if (brand && i + 2 < parts.size() && LevelOf(parts[i + 1]).value_or(9) <= 4 &&
        parts[i + 2].kind == Kind::Text && BranchWordSize(parts[i + 2].text) > 0) {
      const size_t word = BranchWordSize(parts[i + 2].text);
      parts[i].before_branch = true;
      joined.push_back(Opening(EntityType::ORGANIZATION));
      joined.push_back(parts[i]);
      joined.push_back(parts[i + 1]);
      joined.push_back({.kind = Kind::Text, .text = parts[i + 2].text.substr(0, word)});
      joined.push_back(Closing());
      parts[i + 2].text.erase(0, word);
      i += parts[i + 2].text.empty() ? 3 : 2;
      continue;
    }
    joined.push_back(std::move(parts[i++]));
  }
  return joined;
}

bool ContainsAny(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

// `text` is the snippet with every slot as U+0001.
Notation NotationOf(std::string_view text) {
  if (text.find('<') != std::string_view::npos && ContainsAny(text, {"</", "/>"}) &&
      text.find('>') != std::string_view::npos) {
    return Notation::Xml;
  }
  if (ContainsAny(text, {"INSERT INTO", "SELECT ", "UPDATE ", "VALUES", "DELETE FROM", "MERGE INTO"}) &&
      text.find('\'') != std::string_view::npos) {
    return Notation::Sql;
  }
  if (ContainsAny(text, {"\":", "\" :", "{\"", "[\""})) return Notation::Json;
  // Values and commas without spaces between.
  size_t commas = 0;
  for (size_t at = text.find("\x01,\x01"); at != std::string_view::npos; at = text.find("\x01,\x01", at + 2))
    ++commas;
  if (commas >= 2 || (commas >= 1 && text.find('\n') != std::string_view::npos)) return Notation::Csv;
  return Notation::Prose;
}

Casing CasingOf(std::string_view text, bool english) {
  if (!english || ContainsAny(text, {"{", "}", "=", "<", ">", "_", "://", "[", "\":", "@", "();"}))
    return Casing::AsDrawn;
  size_t lower = 0, upper = 0;
  for (const char c : text) {
    lower += absl::ascii_islower(static_cast<unsigned char>(c)) ? 1 : 0;
    upper += absl::ascii_isupper(static_cast<unsigned char>(c)) ? 1 : 0;
  }
  // What begins with a slot may be a sentence like any other: its capital stands in the slot.
  const bool begins_with_slot = text.find_first_not_of("\"'( ") == text.find('\x01');
  if (upper == 0 && lower >= 10 && !begins_with_slot) return Casing::Lower;
  if (lower == 0 && upper >= 10) return Casing::Upper;
  return Casing::AsDrawn;
}

// A line of JSON Lines with a text and its marks apart from it, and none in it.
bool IsRecord(std::string_view line) {
  if (!line.starts_with('{') || !ContainsAny(line, {"\"text\""}) || !ContainsAny(line, {"\"spans\""}))
    return false;
  for (size_t at = line.find("[["); at != std::string_view::npos; at = line.find("[[", at + 1)) {
    if (at + 2 < line.size() && absl::ascii_isupper(static_cast<unsigned char>(line[at + 2]))) return false;
  }
  return true;
}

void AddText(std::string_view piece, std::vector<TemplatePart>* parts) {
  if (piece.empty()) return;
  if (parts->empty() || parts->back().kind != TemplatePart::Kind::Text) parts->push_back({});
  parts->back().text.append(piece);
}

// The slot at the start of `line`, "{NAME}" or "{NAME#1}", and how long it is; nothing when it is no slot at
// all.
struct SlotText {
  std::string_view name;
  int tag = 0;
  size_t size = 0;
};
std::optional<SlotText> SlotAt(std::string_view line) {
  size_t at = 1;
  while (at < line.size() && (absl::ascii_isupper(static_cast<unsigned char>(line[at])) || line[at] == '_'))
    ++at;
  SlotText slot{.name = line.substr(1, at - 1)};
  if (slot.name.size() < 2 || at >= line.size()) return std::nullopt;
  if (line[at] == '#') {
    const size_t close = line.find('}', at);
    if (close == std::string_view::npos || close - at > 4) return std::nullopt;
    if (!absl::SimpleAtoi(AbslView(line.substr(at + 1, close - at - 1)), &slot.tag) || slot.tag <= 0)
      return std::nullopt;
    at = close;
  }
  if (line[at] != '}') return std::nullopt;
  slot.size = at + 1;
  return slot;
}

constexpr std::string_view kNameLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

// The name of letters that stands behind `begin`, perhaps behind blanks; and what stands behind the name.
struct NameText {
  std::string_view name, rest;
  bool blanks = false;
};
NameText NameBehind(std::string_view begin, std::string_view line) {
  line.remove_prefix(begin.size());
  const size_t at = std::min(line.find_first_not_of(' '), line.size());
  const size_t end = std::min(line.find_first_not_of(kNameLetters, at), line.size());
  return {.name = line.substr(at, end - at), .rest = line.substr(end), .blanks = at > 0};
}

// What is wrong with a '{' that plainly should begin a slot and does not, so that the slot's name would be
// read as text; empty where it may be any brace.
std::string SlotFault(std::string_view line) {
  const auto [name, rest, blanks] = NameBehind("{", line);
  const std::string meant = absl::AsciiStrToUpper(AbslView(name));
  if (name.size() < 2 || !FindSlot(meant).has_value()) return "";
  const size_t close = rest.find('}');
  const bool closes = close < rest.find('{');
  const std::string_view inside = closes ? rest.substr(0, close) : rest;  // behind the name
  const bool is_exact = name == meant && !blanks;
  const std::string right = absl::StrCat("{", meant, "}");
  if (closes && inside.find_first_not_of(' ') == std::string_view::npos)
    return absl::StrCat("{", blanks ? " " : "", AbslView(name), AbslView(inside), "} is no slot: write ",
                        right);
  const bool numbered =
      inside.starts_with('#') || inside.find_first_not_of("0123456789") == std::string_view::npos;
  if (closes && !inside.empty() && numbered) {
    return absl::StrCat("{", AbslView(name), AbslView(inside), "} is no slot: write ", right,
                        " or, for one value in several places, {", meant, "#1}, with a number from 1 to 99");
  }
  // Not before ':' or '=', where it may be a key.
  if (is_exact && !closes &&
      (rest.empty() || std::string_view(":=").find(rest[0]) == std::string_view::npos) &&
      (rest.empty() || !absl::ascii_isalnum(static_cast<unsigned char>(rest[0]))))
    return absl::StrCat("'{", meant, "' without '}'");
  return "";
}

// The same of a "[[" that should begin a mark.
std::string MarkFault(std::string_view line) {
  const auto [name, rest, blanks] = NameBehind("[[", line);
  const std::string meant = absl::AsciiStrToUpper(AbslView(name));
  if (!FindEntityType(meant).has_value()) return "";
  const bool is_exact = name == meant && !blanks;
  const std::string right = absl::StrCat("write [[", meant, "|value]]");
  if (!rest.starts_with('|')) return is_exact ? absl::StrCat("'[[", meant, "' without '|': ", right) : "";
  if (!is_exact) return absl::StrCat("[[", blanks ? " " : "", AbslView(name), "| is no mark: ", right);
  const size_t value = rest.find_first_not_of(' ', 1);
  if (value != std::string_view::npos && rest.substr(value).starts_with("]]"))
    return absl::StrCat("[[", meant, "|]] marks nothing: ", right);
  return "";
}

// Whether a slot or a mark begins here, or what was meant as one.
bool BeginsSlot(std::string_view line) {
  return line.starts_with('{') && (SlotAt(line).has_value() || !SlotFault(line).empty());
}
bool BeginsMark(std::string_view line) {
  return line.starts_with("[[") &&
         (FindEntityType(NameBehind("[[", line).name).has_value() || !MarkFault(line).empty());
}

}  // namespace

std::span<const SlotSpec> Slots() { return kSlots; }

const SlotSpec& Describe(SlotKind kind) { return kSlots[static_cast<size_t>(kind)]; }

absl::StatusOr<Template> ParseTemplate(std::string_view line, std::string origin,
                                       const HanReadings& readings) {
  using Kind = TemplatePart::Kind;
  Template result;
  result.origin = std::move(origin);
  if (FindInvalidUtf8(line) != std::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(result.origin, ": not UTF-8"));
  }
  const auto wrong = [&result](const std::string& what) {
    return absl::InvalidArgumentError(
        absl::StrCat(result.origin, ": ", what, "; a backslash before it makes it text"));
  };
  std::vector<TemplatePart> parts;
  bool open = false;
  size_t slots = 0;
  while (!line.empty()) {
    if (line.starts_with('\\') && line.size() > 1) {
      if (BeginsSlot(line.substr(1)) || BeginsMark(line.substr(1))) {
        const size_t size = line[1] == '[' ? 2 : 1;
        AddText(line.substr(1, size), &parts);
        line.remove_prefix(1 + size);
        continue;
      }
      const char escaped = line[1];
      AddText(escaped == 'n'    ? "\n"
              : escaped == 't'  ? "\t"
              : escaped == '\\' ? "\\"
                                : line.substr(0, 2),
              &parts);
      line.remove_prefix(2);
      continue;
    }
    if (line.starts_with('{')) {
      if (const std::optional<SlotText> slot = SlotAt(line)) {
        const std::optional<SlotKind> kind = FindSlot(slot->name);
        if (!kind) {
          return absl::InvalidArgumentError(absl::StrCat(result.origin, ": unknown slot {",
                                                         AbslView(slot->name),
                                                         "}; training/data/synthesis/README.md lists them"));
        }
        if (++slots > kMostSlots) {
          return absl::InvalidArgumentError(
              absl::StrCat(result.origin, ": more than ", kMostSlots, " slots"));
        }
        parts.push_back({.kind = Kind::Slot, .slot = *kind, .tag = slot->tag});
        line.remove_prefix(slot->size);
        continue;
      }
      if (const std::string fault = SlotFault(line); !fault.empty()) return wrong(fault);
    }
    if (!open && line.starts_with("[[")) {
      if (const std::string fault = MarkFault(line); !fault.empty()) return wrong(fault);
      const size_t bar = line.find('|');
      const std::string_view id = line.substr(2, bar == std::string_view::npos ? 0 : bar - 2);
      const bool shaped =
          !id.empty() && id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string_view::npos;
      if (shaped) {
        const std::optional<EntityType> type = FindEntityType(id);
        if (!type) {
          return absl::InvalidArgumentError(absl::StrCat(result.origin, ": unknown type ", AbslView(id),
                                                         " in [[", AbslView(id), "|...]]",
                                                         EntityTypeHint(id)));
        }
        parts.push_back(Opening(*type));
        result.document = true;
        open = true;
        line.remove_prefix(bar + 1);
        continue;
      }
    }
    if (open && line.starts_with("]]")) {
      parts.push_back(Closing());
      open = false;
      line.remove_prefix(2);
      continue;
    }
    AddText(line.substr(0, 1), &parts);
    line.remove_prefix(1);
  }
  if (open) return absl::InvalidArgumentError(absl::StrCat(result.origin, ": '[[' without ']]'"));

  std::string text;
  for (const TemplatePart& part : parts) {
    if (part.kind == Kind::Text) text.append(part.text);
    if (part.kind == Kind::Slot) text.push_back('\x01');
  }
  result.english = true;
  for (size_t at = 0; at < text.size() && result.english;) {
    const CodePoint c = DecodeUtf8(text, at);
    at += c.length;
    result.english = c.value < 0x2E80 || c.value > 0xFFEF;
  }
  // A snippet of slots alone says nothing of its language, but by the slots.
  if (result.english &&
      std::none_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isalpha(c); })) {
    result.english = std::none_of(parts.begin(), parts.end(), [](const TemplatePart& part) {
      return part.kind == Kind::Slot &&
             (part.slot == SlotKind::PER || part.slot == SlotKind::ADDR || LevelOf(part).has_value());
    });
  }
  result.traditional = readings.IsTraditional(text);
  result.notation = NotationOf(text);
  result.casing = CasingOf(text, result.english);
  result.parts = WithPlacesJoined(std::move(parts));
  return result;
}

absl::StatusOr<std::vector<Template>> ParseTemplates(std::string_view name, std::string_view content,
                                                     const HanReadings& readings) {
  std::vector<Template> templates;
  size_t line_number = 0;
  for (const absl::string_view raw : absl::StrSplit(AbslView(content), '\n')) {
    ++line_number;
    std::string_view line = StdView(raw);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (line.starts_with("# ") && line.find("[[") == std::string_view::npos) continue;
    if (IsRecord(line)) {
      return absl::InvalidArgumentError(
          absl::StrCat(AbslView(name), ":", line_number,
                       ": is a record, with its marks apart from the text; give the file to --swap"));
    }
    absl::StatusOr<Template> parsed =
        ParseTemplate(line, absl::StrCat(AbslView(name), ":", line_number), readings);
    if (!parsed.ok()) return parsed.status();
    templates.push_back(*std::move(parsed));
  }
  return templates;
}

}  // namespace privet
