#include "training/data/synthesis/lexicon.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/absl_view.h"

namespace privet {
namespace {

std::string_view CharactersOf(char set) {
  switch (set) {
    case 'd':
      return "0123456789";
    case 'h':
      return "0123456789abcdef";
    case 'H':
      return "0123456789ABCDEF";
    case 'a':
      return "abcdefghijklmnopqrstuvwxyz";
    case 'A':
      return "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    case 'b':
      return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    case 'B':
      return "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
    case 'c':
      return "abcdefghijklmnopqrstuvwxyz0123456789";
    default:
      return "";
  }
}

// "5" or "2-40", both bounds as written.
bool ParseRange(std::string_view text, uint32_t* low, uint32_t* high) {
  const size_t dash = text.find('-');
  const std::string_view first = text.substr(0, dash);
  const std::string_view last = dash == std::string_view::npos ? first : text.substr(dash + 1);
  return absl::SimpleAtoi(AbslView(first), low) && absl::SimpleAtoi(AbslView(last), high) && *low <= *high;
}

void AppendNumber(uint32_t number, size_t width, std::string* out) {
  const std::string digits = std::to_string(number);
  if (digits.size() < width) out->append(width - digits.size(), '0');
  out->append(digits);
}

}  // namespace

Lexicon::ListId Lexicon::IdOf(std::string_view name) {
  const auto [it, added] = ids_.try_emplace(std::string(name), static_cast<ListId>(lists_.size()));
  if (added) {
    lists_.emplace_back();
    names_.emplace_back(name);
  }
  return it->second;
}

absl::Status Lexicon::AddEntry(std::string_view text, double weight, const std::string& where,
                               const absl::flat_hash_map<std::string_view, uint32_t>& hooks, List* list) {
  const Entry entry{static_cast<uint32_t>(parts_.size()), 0};
  const auto add_text = [&](std::string_view piece) {
    if (piece.empty()) return;
    parts_.push_back({.kind = PartKind::Text,
                      .low = static_cast<uint32_t>(text_.size()),
                      .high = static_cast<uint32_t>(piece.size())});
    text_.append(piece);
  };
  // Lists that the entry names may be new, and adding them moves every list: `list` is looked up again below.
  const size_t list_index = static_cast<size_t>(list - lists_.data());
  while (!text.empty()) {
    const size_t open = text.find('<');
    add_text(text.substr(0, open));
    if (open == std::string_view::npos) break;
    const size_t close = text.find('>', open);
    if (close == std::string_view::npos) {
      return absl::InvalidArgumentError(absl::StrCat(where, ": '<' without '>'"));
    }
    const std::string_view inside = text.substr(open + 1, close - open - 1);
    text.remove_prefix(close + 1);
    Part part{.kind = PartKind::List};
    if (inside.starts_with('@')) {
      const auto hook = hooks.find(inside.substr(1));
      if (hook == hooks.end()) {
        return absl::InvalidArgumentError(
            absl::StrCat(where, ": '<", AbslView(inside), ">' is nothing that is computed"));
      }
      part = {.kind = PartKind::Hook, .low = hook->second};
    } else if (inside.size() > 2 && inside[1] == '*') {
      part.kind = PartKind::Characters;
      part.characters = inside[0];
      if (CharactersOf(inside[0]).empty() || !ParseRange(inside.substr(2), &part.low, &part.high) ||
          part.high > 1000) {
        return absl::InvalidArgumentError(
            absl::StrCat(where, ": '<", AbslView(inside), ">' is no set of characters with a count"));
      }
    } else if (!inside.empty() && absl::ascii_isdigit(static_cast<unsigned char>(inside[0]))) {
      part.kind = PartKind::Number;
      if (inside[0] == '0') part.width = static_cast<uint8_t>(std::min(inside.find('-'), inside.size()));
      if (part.width == 1) part.width = 0;
      if (!ParseRange(inside, &part.low, &part.high)) {
        return absl::InvalidArgumentError(
            absl::StrCat(where, ": '<", AbslView(inside), ">' is no range of numbers"));
      }
    } else if (inside.starts_with('~')) {
      part = {.kind = PartKind::UniformList, .low = IdOf(inside.substr(1))};
    } else {
      part = {.kind = PartKind::List, .low = IdOf(inside)};
    }
    parts_.push_back(part);
  }
  list = &lists_[list_index];
  list->entries.push_back({entry.first_part, static_cast<uint32_t>(parts_.size()) - entry.first_part});
  list->cumulative.push_back((list->cumulative.empty() ? 0 : list->cumulative.back()) + weight);
  return absl::OkStatus();
}

absl::Status Lexicon::AddSource(const ListSource& source,
                                const absl::flat_hash_map<std::string_view, uint32_t>& hooks) {
  std::optional<ListId> current;
  bool skipping = false;
  size_t line_number = 0;
  for (const absl::string_view raw : absl::StrSplit(source.content, '\n')) {
    std::string_view line(raw.data(), raw.size());
    const std::string where = absl::StrCat(source.name, ":", ++line_number);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with('[') && line.ends_with(']')) {
      current = IdOf(line.substr(1, line.size() - 2));
      skipping = !source.replaces && replaced_.contains(*current);
      if (skipping) continue;
      if (source.replaces) replaced_.insert(*current);
      if (!lists_[*current].where.empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat(where, ": list '", AbslView(line), "' is already at ", lists_[*current].where));
      }
      lists_[*current].where = where;
      continue;
    }
    if (!current)
      return absl::InvalidArgumentError(absl::StrCat(where, ": an entry before the first [list]"));
    if (skipping) continue;
    absl::Status added;
    if (line.starts_with("= ") || line.starts_with("; ")) {
      const char separator = line[0] == '=' ? ' ' : ';';
      for (absl::string_view word :
           absl::StrSplit(AbslView(line.substr(2)), separator, absl::SkipWhitespace())) {
        word = absl::StripAsciiWhitespace(word);
        added = AddEntry({word.data(), word.size()}, 1, where, hooks, &lists_[*current]);
        if (!added.ok()) return added;
      }
      continue;
    }
    double weight = 1;
    const size_t tab = line.find('\t');
    if (tab != std::string_view::npos) {
      if (!absl::SimpleAtod(AbslView(line.substr(0, tab)), &weight) || !(weight > 0) || weight > 1e9) {
        return absl::InvalidArgumentError(absl::StrCat(where, ": the weight is no number above 0"));
      }
      line.remove_prefix(tab + 1);
    }
    added = AddEntry(line, weight, where, hooks, &lists_[*current]);
    if (!added.ok()) return added;
  }
  return absl::OkStatus();
}

absl::Status Lexicon::CheckLists() const {
  std::vector<std::vector<ListId>> named(lists_.size());  // by each list
  for (ListId id = 0; id < lists_.size(); ++id) {
    const List& list = lists_[id];
    if (list.entries.empty()) {
      return absl::InvalidArgumentError(
          list.where.empty()
              ? absl::StrCat("list '", names_[id], "' is named by an entry but written nowhere")
              : absl::StrCat(list.where, ": list '", names_[id], "' has no entry"));
    }
    for (const Entry& entry : list.entries) {
      for (uint32_t i = entry.first_part; i < entry.first_part + entry.part_count; ++i) {
        const bool is_list = parts_[i].kind == PartKind::List || parts_[i].kind == PartKind::UniformList;
        if (is_list) named[id].push_back(parts_[i].low);
      }
    }
  }
  enum class Mark : uint8_t { New, Open, Done };
  std::vector<Mark> marks(lists_.size(), Mark::New);
  // Depth first, with a stack of its own: (list, which of those it names comes next).
  for (ListId start = 0; start < lists_.size(); ++start) {
    if (marks[start] == Mark::Done) continue;
    std::vector<std::pair<ListId, size_t>> stack = {{start, 0}};
    marks[start] = Mark::Open;
    while (!stack.empty()) {
      const ListId id = stack.back().first;
      if (stack.back().second == named[id].size()) {
        marks[id] = Mark::Done;
        stack.pop_back();
        continue;
      }
      const ListId next = named[id][stack.back().second++];
      if (marks[next] == Mark::Open) {
        return absl::InvalidArgumentError(
            absl::StrCat(lists_[next].where, ": list '", names_[next], "' contains itself"));
      }
      if (marks[next] == Mark::New) {
        marks[next] = Mark::Open;
        stack.emplace_back(next, 0);
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Lexicon> Lexicon::Parse(std::span<const ListSource> sources,
                                       std::span<const std::string_view> hooks) {
  absl::flat_hash_map<std::string_view, uint32_t> hook_ids;
  for (uint32_t i = 0; i < hooks.size(); ++i) hook_ids[hooks[i]] = i;
  Lexicon lexicon;
  for (const bool replaces : {true, false}) {
    for (const ListSource& source : sources) {
      if (source.replaces != replaces) continue;
      if (absl::Status added = lexicon.AddSource(source, hook_ids); !added.ok()) return added;
    }
  }
  if (absl::Status checked = lexicon.CheckLists(); !checked.ok()) return checked;
  for (List& list : lexicon.lists_) {
    const double first = list.cumulative.front();
    const double mean = list.cumulative.back() / static_cast<double>(list.cumulative.size());
    bool equal = true;
    for (size_t i = 1; equal && i < list.cumulative.size(); ++i) {
      equal = list.cumulative[i] - list.cumulative[i - 1] == first;
    }
    if (equal && first == mean) list.cumulative.clear();
  }
  return lexicon;
}

std::optional<Lexicon::ListId> Lexicon::Find(std::string_view name) const {
  const auto found = ids_.find(AbslView(name));
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

void Lexicon::Expand(ListId id, Random& random, HookFunction hook, std::string* out) const {
  // The lists that are open, and how far: recursion is bounded by the number of lists.
  const auto expand = [&](const auto& self, ListId list_id, bool uniform) -> void {
    const List& list = lists_[list_id];
    size_t chosen = 0;
    if (uniform || list.cumulative.empty()) {
      chosen = random.Below(list.entries.size());
    } else {
      const double at = random.Unit() * list.cumulative.back();
      chosen = static_cast<size_t>(std::upper_bound(list.cumulative.begin(), list.cumulative.end() - 1, at) -
                                   list.cumulative.begin());
    }
    const Entry& entry = list.entries[chosen];
    for (uint32_t i = 0; i < entry.part_count; ++i) {
      const Part& part = parts_[entry.first_part + i];
      switch (part.kind) {
        case PartKind::Text:
          out->append(text_, part.low, part.high);
          break;
        case PartKind::List:
        case PartKind::UniformList:
          self(self, part.low, part.kind == PartKind::UniformList);
          break;
        case PartKind::Number:
          AppendNumber(part.low + static_cast<uint32_t>(random.Below(part.high - part.low + 1)), part.width,
                       out);
          break;
        case PartKind::Characters: {
          const std::string_view characters = CharactersOf(part.characters);
          const size_t count = part.low + random.Below(part.high - part.low + 1);
          for (size_t n = 0; n < count; ++n) out->push_back(random.Pick(characters));
          break;
        }
        case PartKind::Hook:
          hook(part.low, out);
          break;
      }
    }
  };
  expand(expand, id, false);
}

std::vector<std::string_view> Lexicon::PlainEntries(ListId id) const {
  std::vector<std::string_view> entries;
  for (const Entry& entry : lists_[id].entries) {
    if (entry.part_count != 1 || parts_[entry.first_part].kind != PartKind::Text) continue;
    const Part& part = parts_[entry.first_part];
    entries.push_back(std::string_view(text_).substr(part.low, part.high));
  }
  return entries;
}

}  // namespace privet
