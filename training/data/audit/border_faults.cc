#include "training/data/audit/border_faults.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "core/utf8.h"

namespace privet {
namespace {

constexpr std::array<std::pair<char32_t, char32_t>, 11> kBrackets = {{{U'(', U')'},
                                                                      {U'（', U'）'},
                                                                      {U'[', U']'},
                                                                      {U'【', U'】'},
                                                                      {U'{', U'}'},
                                                                      {U'《', U'》'},
                                                                      {U'〈', U'〉'},
                                                                      {U'「', U'」'},
                                                                      {U'『', U'』'},
                                                                      {U'“', U'”'},
                                                                      {U'‘', U'’'}}};
// What no entity begins or ends with. Not + (phones), # and @ (handles), * (masked digits), / (URLs).
constexpr std::u32string_view kPunctuation = U"，。、；：！？,;:!?…—–\"'·|";
constexpr std::u32string_view kListMarks = U"、；;\n\t";
constexpr size_t kMostToPartner = 40;  // code points behind a mark

bool IsSpace(char32_t c) { return u_isUWhiteSpace(static_cast<UChar32>(c)) != 0; }
bool IsLetter(char32_t c) { return c < 0x2E80 && u_isalpha(static_cast<UChar32>(c)) != 0; }

char32_t PartnerOf(char32_t opening) {
  const auto* const pair =
      std::find_if(kBrackets.begin(), kBrackets.end(), [&](const auto& p) { return p.first == opening; });
  return pair == kBrackets.end() ? 0 : pair->second;
}

bool Closes(char32_t c) {
  return std::any_of(kBrackets.begin(), kBrackets.end(), [&](const auto& p) { return p.second == c; });
}

// A mark's code points with their places.
struct Characters {
  std::vector<char32_t> values;
  std::vector<size_t> bytes;  // where each begins, and the end
};

Characters CharactersOf(std::string_view text, const Span& span) {
  Characters characters;
  for (size_t i = span.begin; i < span.end;) {
    const CodePoint point = DecodeUtf8(text, i);
    characters.values.push_back(point.value);
    characters.bytes.push_back(i);
    i += point.length;
  }
  characters.bytes.push_back(span.end);
  return characters;
}

// Indexes of brackets without a partner inside [begin, end).
std::vector<size_t> LoneBrackets(const std::vector<char32_t>& values, size_t begin, size_t end) {
  std::vector<size_t> open;
  std::vector<size_t> lone;
  for (size_t i = begin; i < end; ++i) {
    // U+2019 is the apostrophe of O’Neill, too.
    const bool is_apostrophe =
        values[i] == U'’' && i > begin && IsLetter(values[i - 1]) && i + 1 < end && IsLetter(values[i + 1]);
    if (PartnerOf(values[i]) != 0) {
      open.push_back(i);
    } else if (Closes(values[i]) && !is_apostrophe) {
      if (!open.empty() && PartnerOf(values[open.back()]) == values[i]) {
        open.pop_back();
      } else {
        lone.push_back(i);
      }
    }
  }
  lone.insert(lone.end(), open.begin(), open.end());
  std::sort(lone.begin(), lone.end());
  return lone;
}

// The byte behind the partner of `opening` that follows `from` in the same sentence, or npos.
size_t EndOfPartner(std::string_view text, size_t from, char32_t opening) {
  for (size_t count = 0; from < text.size() && count < kMostToPartner; ++count) {
    const CodePoint point = DecodeUtf8(text, from);
    from += point.length;
    if (point.value == PartnerOf(opening)) return from;
    if (point.value == U'\n' || point.value == U'。' || PartnerOf(point.value) != 0) break;
  }
  return std::string_view::npos;
}

bool IsWrapped(const std::vector<char32_t>& values, size_t begin, size_t end) {
  return end - begin >= 2 && PartnerOf(values[begin]) == values[end - 1] && PartnerOf(values[begin]) != 0 &&
         LoneBrackets(values, begin + 1, end - 1).empty();
}

// A secret may be any characters; the others of these may have brackets and lists of their own.
bool IsSecret(EntityType type) { return type == EntityType::SECRET; }
bool IsTechnical(EntityType type) {
  return type == EntityType::URL || type == EntityType::USERNAME || type == EntityType::GEO_COORDINATES;
}
bool IsName(EntityType type) {
  return type == EntityType::PERSON || type == EntityType::ORGANIZATION || type == EntityType::LOCATION;
}

}  // namespace

std::optional<BorderFault> FindBorderFault(std::string_view text, const LabeledSpan& mark) {
  const Characters characters = CharactersOf(text, mark.span);
  const std::vector<char32_t>& values = characters.values;
  size_t begin = 0;
  size_t end = values.size();
  const auto span_of = [&](size_t from, size_t to) {
    return LabeledSpan{{characters.bytes[from], characters.bytes[to]}, mark.type};
  };
  std::string_view name;
  const auto found = [&](std::string_view fault) { name = name.empty() ? fault : name; };
  const auto is_punctuation = [&](size_t i) {
    // The colons of an IPv6 address whose zeros are left out: "::1", "fe80::".
    if (mark.type == EntityType::IP_ADDRESS && values[i] == U':' &&
        ((i > begin && values[i - 1] == U':') || (i + 1 < end && values[i + 1] == U':')))
      return false;
    if (kPunctuation.find(values[i]) != std::u32string_view::npos) return true;
    // The full stop of a sentence, not of "Inc." nor of ".5".
    return values[i] == U'.' && i > begin && !IsLetter(values[i - 1]);
  };
  for (bool changed = true; changed && begin < end;) {
    changed = true;
    if (IsSpace(values[begin])) {
      ++begin;
      found("white space");
    } else if (IsSpace(values[end - 1])) {
      --end;
      found("white space");
    } else if (IsSecret(mark.type)) {
      changed = false;
    } else if (is_punctuation(begin) && !(IsTechnical(mark.type))) {
      ++begin;
      found("punctuation");
    } else if (is_punctuation(end - 1)) {
      --end;
      found("punctuation");
    } else if (!IsTechnical(mark.type) && IsWrapped(values, begin, end)) {
      ++begin;
      --end;
      found("brackets");
    } else {
      const std::vector<size_t> lone = LoneBrackets(values, begin, end);
      if (!lone.empty() && lone.front() == begin) {
        ++begin;
        found("brackets");
      } else if (!lone.empty() && lone.back() == end - 1) {
        --end;
        found("brackets");
      } else {
        changed = false;
      }
    }
  }
  if (begin >= end) return BorderFault{name, {}};
  if (!IsSecret(mark.type) && !IsTechnical(mark.type)) {
    const std::vector<size_t> lone = LoneBrackets(values, begin, end);
    if (!lone.empty()) {
      const size_t partner = end == values.size() && PartnerOf(values[lone.front()]) != 0
                                 ? EndOfPartner(text, mark.span.end, values[lone.front()])
                                 : std::string_view::npos;
      LabeledSpan better = span_of(begin, end);
      if (lone.size() == 1 && partner != std::string_view::npos) better.span.end = partner;
      return BorderFault{"brackets", {better}};
    }
  }
  if (IsName(mark.type)) {
    std::vector<LabeledSpan> pieces;
    size_t from = begin;
    for (size_t i = begin; i <= end; ++i) {
      if (i < end && kListMarks.find(values[i]) == std::u32string_view::npos) continue;
      while (from < i && IsSpace(values[from])) ++from;
      size_t to = i;
      while (to > from && IsSpace(values[to - 1])) --to;
      if (from < to) pieces.push_back(span_of(from, to));
      from = i + 1;
    }
    if (pieces.size() > 1) return BorderFault{"list", std::move(pieces)};
  }
  if (name.empty()) return std::nullopt;
  return BorderFault{name, {span_of(begin, end)}};
}

std::vector<Suspect> MarksWithBorderFaults(std::span<const LabeledRecord> records) {
  std::map<EntityType, int64_t> marks;
  std::map<std::pair<EntityType, std::string_view>, int64_t> with_fault;
  std::vector<Suspect> suspects;
  for (size_t r = 0; r < records.size(); ++r) {
    for (const LabeledSpan& mark : records[r].spans) {
      ++marks[mark.type];
      std::optional<BorderFault> fault = FindBorderFault(records[r].text, mark);
      if (!fault.has_value()) continue;
      ++with_fault[{mark.type, fault->name}];
      Suspect suspect;
      suspect.record = r;
      suspect.kind = FaultKind::Edges;
      suspect.marked = {mark};
      suspect.suggested = std::move(fault->better);
      suspect.evidence.edges = fault->name;
      suspects.push_back(std::move(suspect));
    }
  }
  for (Suspect& suspect : suspects) {
    const EntityType type = suspect.marked.front().type;
    const int64_t such = with_fault[{type, suspect.evidence.edges}];
    suspect.evidence.marks_with_such = such;
    suspect.evidence.marks_of_type = marks[type];
    // As if ten marks more had been seen without.
    suspect.log_likelihood_ratio =
        LogOddsOf(1 - (static_cast<double>(such) + 0.5) / (static_cast<double>(marks[type]) + 10));
  }
  return suspects;
}

}  // namespace privet
