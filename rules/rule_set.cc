#include "rules/rule_set.h"

#include <algorithm>
#include <bitset>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/code_point_folding.h"
#include "core/folded_text.h"
#include "rules/anchors.h"
#include "rules/compiled_rule.h"
#include "rules/number_patterns.h"
#include "rules/pattern_search.h"
#include "rules/scan_region.h"
#include "rules/table_columns.h"

namespace privet {
namespace {

constexpr size_t kMaxRules = 1024;
using RuleBits = std::bitset<kMaxRules>;

// Custom rules have no gate: they see the whole text, in pieces of whole lines that one search can read.
constexpr size_t kPieceBytes = kSearchWindowBytes;
constexpr size_t kPollBytes = 64 << 10;
// What rules without a gate may find in one text: a pattern such as \d would fill the memory.
constexpr size_t kMaxCandidates = 1 << 19;

auto OrderOf(const Candidate& c) { return std::tie(c.span.begin, c.span.end, c.evidence.source); }

void SortAndDropRepeats(std::vector<Candidate>* candidates) {
  std::sort(candidates->begin(), candidates->end(), [](const Candidate& a, const Candidate& b) {
    return OrderOf(a) < OrderOf(b) || (OrderOf(a) == OrderOf(b) && a.score > b.score);
  });
  const auto same = [](const Candidate& a, const Candidate& b) { return OrderOf(a) == OrderOf(b); };
  candidates->erase(std::unique(candidates->begin(), candidates->end(), same), candidates->end());
}

// Where the piece that begins at `begin` ends: behind its last line that ends within kPieceBytes, or behind
// its first line when that is longer.
size_t PieceEnd(std::string_view text, size_t begin) {
  if (text.size() - begin <= kPieceBytes) return text.size();
  size_t line_end = text.rfind('\n', begin + kPieceBytes - 1);
  if (line_end == std::string_view::npos || line_end < begin) line_end = text.find('\n', begin + kPieceBytes);
  return line_end == std::string_view::npos ? text.size() : line_end + 1;
}

constexpr std::string_view kOpenGate = "open";

// The same for types that are looked for in the text as it is written as well.
ScanRequest AsWritten(const ScanRequest& request) {
  ScanRequest as_written;
  as_written.types = request.types & TypeSet().set(IndexOf(EntityType::URL)).set(IndexOf(EntityType::SECRET));
  as_written.stop = request.stop;
  return as_written;
}

absl::Status PackError(const Pack& pack, const RuleSpec& rule, int line, absl::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat(pack.file_name, ":", line, ": rule '", rule.id, "': ", reason));
}

}  // namespace

struct RuleSet::State {
  // The scratch memory of one scan.
  struct Scratch {
    AnchorGroup group;
    AnchorGroup folded_group;
    FoldedText folded;
    FoldedText lines;
    std::vector<NumberPatterns::Start> starts;
    std::vector<uint16_t> open;
    size_t tables_seen_to = 0;  // lines before it have been looked at as headers or rows
  };

  std::vector<RuleSpec> specs;
  std::vector<std::unique_ptr<CompiledRule>> rules;
  std::vector<AnchorScanner::Literal> literals;
  std::unique_ptr<AnchorScanner> scanner;
  std::vector<uint16_t> rules_without_literals;
  std::vector<std::vector<uint16_t>> rules_by_literal;  // in step with literals
  NumberPatterns number_patterns;
  RuleBits read_columns;                 // rules of the cells of tables
  RuleBits tried_at_numbers;             // rules of which number_patterns took a pattern
  std::vector<uint32_t> begin_anywhere;  // by rule: bits of the patterns that it did not take

  absl::Status Add(const Pack& pack);
  absl::Status BuildPrefilters();
  void Open(const AnchorGroup& group, const TypeSet& types, std::vector<uint16_t>* open) const;
  void LookAgain(Scratch* scratch) const;
  void ScanGroup(std::string_view text, const TypeSet& types, Scratch* scratch,
                 std::vector<Candidate>* candidates, std::vector<RuleTrace>* traces) const;
  void ScanTable(std::string_view text, Scratch* scratch, std::vector<Candidate>* candidates,
                 std::vector<RuleTrace>* traces) const;
  bool FindAtNumbers(const Region& region, Scratch* scratch, std::vector<Candidate>* candidates) const;
  absl::Status ScanGroups(std::string_view text, const ScanRequest& request,
                          std::vector<Candidate>* candidates, std::vector<RuleTrace>* traces) const;
};

absl::Status RuleSet::State::Add(const Pack& pack) {
  for (const RuleSpec& spec : pack.rules) {
    if (rules.size() == kMaxRules) return PackError(pack, spec, spec.line, "more than 1024 rules in all");
    for (const RuleSpec& other : specs) {
      if (other.id == spec.id) return PackError(pack, spec, spec.line, "the id is taken by another rule");
    }
    absl::StatusOr<std::unique_ptr<CompiledRule>> rule = CompiledRule::Compile(spec);
    if (!rule.ok()) {
      // The pattern at fault, for its line.
      int line = spec.line;
      for (size_t i = 0; i < spec.patterns.size() && i < spec.pattern_lines.size(); ++i) {
        RuleSpec alone = spec;
        alone.validator.clear();
        alone.patterns = {spec.patterns[i]};
        if (!CompiledRule::Compile(alone).ok()) {
          return PackError(pack, spec, spec.pattern_lines[i],
                           absl::StrCat("pattern ", rule.status().message()));
        }
      }
      return PackError(pack, spec, line, rule.status().message());
    }
    rules.push_back(*std::move(rule));
    specs.push_back(spec);
  }
  return absl::OkStatus();
}

absl::Status RuleSet::State::BuildPrefilters() {
  std::map<std::string, std::vector<uint16_t>> by_literal;
  AnchorScanner::Minima minima;
  const auto lower = [](int* least, int wanted) {
    if (wanted > 0) *least = std::min(*least, wanted);
  };
  for (size_t i = 0; i < specs.size(); ++i) {
    const uint16_t index = static_cast<uint16_t>(i);
    const Gate& gate = specs[i].gate;
    read_columns.set(i, !specs[i].columns.empty());
    lower(&minima.token, gate.min_token);
    if (gate.literals.empty()) {
      rules_without_literals.push_back(index);
      lower(&minima.lettered, gate.min_lettered);
      lower(&minima.runs, gate.min_runs);
      minima.clock = minima.clock || gate.clock;
      if (gate.min_lettered == 0 && gate.min_runs == 0 && !gate.clock)
        lower(&minima.plain_digits, gate.min_digits);
    }
    for (const std::string& literal : gate.literals) {
      std::vector<uint16_t>& of_literal = by_literal[literal];
      if (of_literal.empty() || of_literal.back() != index) of_literal.push_back(index);
    }
  }
  for (auto& [literal, of_literal] : by_literal) {
    int min_digits = 40;
    bool with_numbers = false;
    for (const uint16_t index : of_literal) {
      min_digits = std::min(min_digits, specs[index].gate.min_digits);
      with_numbers = with_numbers || specs[index].gate.min_digits > 0;
    }
    literals.push_back({literal, min_digits, with_numbers});
    rules_by_literal.push_back(std::move(of_literal));
  }
  scanner = std::make_unique<AnchorScanner>(literals, minima);

  begin_anywhere.assign(rules.size(), 0);
  for (size_t rule = 0; rule < rules.size(); ++rule) {
    for (size_t i = 0; i < rules[rule]->patterns(); ++i) {
      const bool taken = number_patterns.Add(static_cast<uint16_t>(rule), static_cast<uint16_t>(i),
                                             specs[rule], rules[rule]->pattern(i));
      if (!taken) begin_anywhere[rule] |= uint32_t{1} << i;
      if (taken) tried_at_numbers.set(rule);
    }
  }
  return number_patterns.Compile();
}

// Whether one number, or the longest of several, has the digits that a gate asks for.
bool HasDigits(const Gate& gate, int digits, int plain_digits, int runs, bool clock) {
  const bool digits_alone = gate.literals.empty() && gate.min_runs == 0 && !gate.clock;
  return gate.min_digits <= (digits_alone ? plain_digits : digits) && gate.min_runs <= runs &&
         (!gate.clock || clock);
}

bool IsOpen(const Gate& gate, const AnchorFeatures& features) {
  return HasDigits(gate, features.max_digits, features.max_plain_digits, features.max_runs, features.clock) &&
         gate.min_lettered <= features.max_lettered && gate.min_token <= features.max_token &&
         (!gate.hex_groups || features.hex_groups);
}

void RuleSet::State::Open(const AnchorGroup& group, const TypeSet& types, std::vector<uint16_t>* open) const {
  open->clear();
  RuleBits seen;
  const auto add = [&](uint16_t index) {
    if (seen.test(index) || !IsOpen(specs[index].gate, group.features) ||
        !types.test(IndexOf(specs[index].type))) {
      return;
    }
    seen.set(index);
    open->push_back(index);
  };
  for (const uint16_t index : rules_without_literals) add(index);
  for (const uint16_t literal : group.literals) {
    for (const uint16_t index : rules_by_literal[literal]) add(index);
  }
}

// Folding may have uncovered more: adds it to scratch->group.
void RuleSet::State::LookAgain(Scratch* scratch) const {
  const std::string& folded = scratch->folded.text();
  const AnchorGroup& found = scratch->folded_group;
  for (size_t position = 0; position < folded.size();) {
    if (!scanner->Next(folded, &position, folded.size(), &scratch->folded_group)) break;
    scratch->group.features.Add(found.features);
    scratch->group.literals.insert(scratch->group.literals.end(), found.literals.begin(),
                                   found.literals.end());
  }
}

void RuleSet::State::ScanGroup(std::string_view text, const TypeSet& types, Scratch* scratch,
                               std::vector<Candidate>* candidates, std::vector<RuleTrace>* traces) const {
  bool folded = false;
  const auto fold = [&] {
    if (!folded)
      scratch->folded.Assign(text, RegionAround(text, scratch->group.span), FoldedText::Han::Simplified);
    folded = true;
  };
  if (scratch->group.folds) {
    fold();
    LookAgain(scratch);
  }
  Open(scratch->group, types, &scratch->open);
  if (traces != nullptr) {
    for (const uint16_t index : scratch->open) (*traces)[index].gate = kOpenGate;
  }
  ScanTable(text, scratch, candidates, traces);
  if (scratch->open.empty()) return;
  fold();

  const Region region{text, &scratch->folded};
  if (traces != nullptr || !FindAtNumbers(region, scratch, candidates)) {
    for (const uint16_t index : scratch->open) {
      RuleTrace* trace = traces != nullptr ? &(*traces)[index] : nullptr;
      if (!specs[index].multiline) rules[index]->FindIn(region, candidates, trace);
    }
  }
  for (const uint16_t index : scratch->open) {
    if (!specs[index].multiline) continue;
    RuleTrace* trace = traces != nullptr ? &(*traces)[index] : nullptr;
    scratch->lines.Assign(text, LinesAfter(text, scratch->group.span), FoldedText::Han::Simplified);
    rules[index]->FindIn({text, &scratch->lines}, candidates, trace);
  }
}

// What the open rules of columns find below the line where the group begins, if that is the header of a
// table. They are open no longer afterwards.
void RuleSet::State::ScanTable(std::string_view text, Scratch* scratch, std::vector<Candidate>* candidates,
                               std::vector<RuleTrace>* traces) const {
  const auto reads_cells = [&](uint16_t index) { return read_columns.test(index); };
  if (std::none_of(scratch->open.begin(), scratch->open.end(), reads_cells)) return;
  const auto first =
      std::stable_partition(scratch->open.begin(), scratch->open.end(), std::not_fn(reads_cells));
  const std::vector<uint16_t> of_columns(first, scratch->open.end());
  scratch->open.erase(first, scratch->open.end());
  if (scratch->group.span.begin < scratch->tables_seen_to) return;

  const Span line = TableLineAt(text, scratch->group.span.begin);
  scratch->tables_seen_to = line.end;
  const char delimiter = CellDelimiterOf(text.substr(line.begin, line.size()));
  if (delimiter == 0) return;
  const std::vector<Span> header = CellsOf(text, line, delimiter);
  std::vector<std::pair<size_t, uint16_t>> wanted;  // which rule reads which column
  for (size_t column = 0; column < header.size(); ++column) {
    const std::string name(text.substr(header[column].begin, header[column].size()));
    const std::string lower = SimplifiedHan(absl::AsciiStrToLower(name));
    for (const uint16_t index : of_columns) {
      const std::vector<std::string>& names = specs[index].columns;
      if (std::find(names.begin(), names.end(), lower) != names.end()) wanted.emplace_back(column, index);
    }
  }
  if (wanted.empty()) return;
  constexpr size_t kLongestCell = 128;
  scratch->tables_seen_to =
      ForEachRowBelow(text, line, delimiter, header.size(), [&](const std::vector<Span>& row) {
        for (const auto& [column, index] : wanted) {
          if (row[column].empty() || row[column].size() > kLongestCell) continue;
          scratch->lines.Assign(text, row[column], FoldedText::Han::Simplified);
          RuleTrace* const trace = traces != nullptr ? &(*traces)[index] : nullptr;
          rules[index]->FindWhole({text, &scratch->lines}, candidates, trace);
        }
      });
}

// What the open rules find, patterns that begin with a number tried only where numbers begin; false, and
// nothing found, when that cannot be done.
bool RuleSet::State::FindAtNumbers(const Region& region, Scratch* scratch,
                                   std::vector<Candidate>* candidates) const {
  RuleBits open;
  for (const uint16_t index : scratch->open) open.set(index);
  const auto wanted = [&](const NumberScan& number) {
    NumberPatterns::Wanted wants;
    for (const uint16_t index : scratch->open) {
      const Gate& gate = specs[index].gate;
      if (!tried_at_numbers[index]) continue;
      if (gate.min_lettered > 0) {
        wants.word = wants.word || number.digits >= gate.min_lettered;
      } else {
        wants.number = wants.number || HasDigits(gate, number.digits, number.shaped ? 0 : number.digits,
                                                 number.runs, number.clock);
      }
    }
    return wants;
  };
  if (!number_patterns.Find(region.folded->text(), wanted, &scratch->starts)) return false;
  const NumberPatterns::Start* previous = nullptr;
  size_t taken_to = 0;  // by the pattern that `previous` belongs to
  for (const NumberPatterns::Start& start : scratch->starts) {
    if (!open.test(start.rule)) continue;
    if (previous == nullptr || previous->rule != start.rule || previous->pattern != start.pattern)
      taken_to = 0;
    previous = &start;
    if (start.offset >= taken_to)
      taken_to = rules[start.rule]->FindAt(region, start.pattern, start.offset, candidates);
  }
  for (const uint16_t index : scratch->open) {
    if (!specs[index].multiline && begin_anywhere[index] != 0)
      rules[index]->FindIn(region, candidates, nullptr, begin_anywhere[index]);
  }
  return true;
}

absl::Status RuleSet::State::ScanGroups(std::string_view text, const ScanRequest& request,
                                        std::vector<Candidate>* candidates,
                                        std::vector<RuleTrace>* traces) const {
  Scratch scratch;
  size_t position = 0;
  while (position < text.size()) {
    const bool found = scanner->Next(text, &position, kPollBytes, &scratch.group);
    if (request.stop != nullptr && *request.stop && (*request.stop)())
      return absl::CancelledError("stopped by the caller");
    if (found) ScanGroup(text, request.types, &scratch, candidates, traces);
  }
  return absl::OkStatus();
}

RuleSet::RuleSet() : state_(std::make_unique<State>()) {}
RuleSet::~RuleSet() = default;

absl::StatusOr<std::shared_ptr<const RuleSet>> RuleSet::Compile(std::span<const Pack> packs) {
  std::shared_ptr<RuleSet> set(new RuleSet());
  for (const Pack& pack : packs) {
    if (absl::Status status = set->state_->Add(pack); !status.ok()) return status;
  }
  if (absl::Status status = set->state_->BuildPrefilters(); !status.ok()) return status;
  return set;
}

absl::StatusOr<std::shared_ptr<const RuleSet>> RuleSet::Load(std::span<const PackSource> sources) {
  absl::StatusOr<std::vector<Pack>> packs = ParsePacks(sources);
  if (!packs.ok()) return packs.status();
  return Compile(*packs);
}

const std::vector<RuleSpec>& RuleSet::specs() const { return state_->specs; }

absl::StatusOr<std::vector<Candidate>> RuleSet::Scan(const UnescapedText& unescaped,
                                                     const ScanRequest& request) const {
  const std::string_view text = unescaped.read();
  std::vector<Candidate> candidates;
  if (absl::Status status = state_->ScanGroups(text, request, &candidates, nullptr); !status.ok())
    return status;
  if (const ScanRequest written = AsWritten(request); unescaped.has_escapes() && written.types.any()) {
    std::vector<Candidate> more;
    if (absl::Status status = state_->ScanGroups(unescaped.written(), written, &more, nullptr); !status.ok())
      return status;
    for (Candidate& candidate : more) {
      candidate.span = unescaped.AsRead(candidate.span);
      if (!candidate.span.empty()) candidates.push_back(std::move(candidate));
    }
  }

  std::vector<const CompiledRule*> over_all;
  for (const std::shared_ptr<const CompiledRule>& rule : request.custom_rules) over_all.push_back(rule.get());
  for (const std::unique_ptr<CompiledRule>& rule : state_->rules) {
    if (!rule->spec().columns.empty()) continue;  // a cell's form alone says nothing
    if ((request.types & request.ungated).test(IndexOf(rule->spec().type))) over_all.push_back(rule.get());
  }
  absl::Status status;
  size_t look_again_at = kMaxCandidates;
  const std::function<bool()> stopped = [&] {
    if (request.stop != nullptr && *request.stop && (*request.stop)())
      status.Update(absl::CancelledError("stopped by the caller"));
    if (candidates.size() <= look_again_at) return !status.ok();
    SortAndDropRepeats(&candidates);
    look_again_at = std::max(kMaxCandidates, candidates.size() + kMaxCandidates / 8);
    if (candidates.size() > kMaxCandidates) {
      status.Update(absl::InvalidArgumentError(
          absl::StrCat("gives more than ", kMaxCandidates,
                       " matches; split it, raise min_score or make custom patterns narrower")));
    }
    return !status.ok();
  };
  StopPoll poll(stopped);
  FoldedText folded;
  for (size_t begin = 0; !over_all.empty() && begin < text.size();) {
    const size_t end = PieceEnd(text, begin);
    folded.Assign(text, {begin, end}, FoldedText::Han::Simplified);
    for (const CompiledRule* rule : over_all) {
      rule->FindIn({text, &folded}, &candidates, nullptr, CompiledRule::kAllPatterns, &poll);
      if (poll.stopped()) return status;
    }
    begin = end;
  }
  if (stopped()) return status;
  SortAndDropRepeats(&candidates);
  return candidates;
}

std::vector<RuleTrace> RuleSet::Explain(std::string_view text) const {
  std::vector<RuleTrace> traces;
  traces.reserve(specs().size());
  for (const RuleSpec& spec : specs()) {
    std::vector<std::string> missing;
    if (spec.gate.min_digits > 0) {
      missing.push_back(absl::StrCat("a number of ", spec.gate.min_digits, " or more digits"));
    }
    if (spec.gate.min_lettered > 0) {
      missing.push_back(
          absl::StrCat("a letter before a number of ", spec.gate.min_lettered, " or more digits"));
    }
    if (spec.gate.min_runs > 0) {
      missing.push_back(absl::StrCat(spec.gate.min_runs, " runs of digits joined by '-', '.' or '/'"));
    }
    if (spec.gate.clock) missing.push_back("a clock such as 9:30");
    if (spec.gate.min_token > 0) {
      missing.push_back(absl::StrCat(spec.gate.min_token, " or more letters and digits in a row"));
    }
    if (spec.gate.hex_groups) missing.push_back("hexadecimal groups");
    if (!spec.gate.literals.empty()) {
      constexpr size_t kShown = 5;
      const auto last =
          spec.gate.literals.begin() + static_cast<ptrdiff_t>(std::min(kShown, spec.gate.literals.size()));
      missing.push_back(absl::StrCat("one of ", absl::StrJoin(spec.gate.literals.begin(), last, " "),
                                     spec.gate.literals.size() > kShown ? " ..." : ""));
    }
    traces.push_back(
        {spec.id, spec.type, absl::StrCat("closed: needs ", absl::StrJoin(missing, " and ")), {}});
  }
  const UnescapedText unescaped(text);
  std::vector<Candidate> candidates;
  std::vector<RuleTrace> as_written = traces;
  const ScanRequest all;
  state_->ScanGroups(unescaped.read(), all, &candidates, &traces).IgnoreError();  // nothing stops it
  for (RuleTrace& trace : traces) {
    for (MatchTrace& match : trace.matches) match.span = unescaped.AsWritten(match.span);
  }
  if (!unescaped.has_escapes()) return traces;
  state_->ScanGroups(text, AsWritten(all), &candidates, &as_written).IgnoreError();
  for (size_t i = 0; i < traces.size(); ++i) {
    if (as_written[i].gate == kOpenGate) traces[i].gate = as_written[i].gate;
    for (MatchTrace& more : as_written[i].matches) {
      const auto same = [&](const MatchTrace& match) { return match.span == more.span; };
      std::vector<MatchTrace>& matches = traces[i].matches;
      if (std::none_of(matches.begin(), matches.end(), same)) matches.push_back(std::move(more));
    }
  }
  return traces;
}

absl::StatusOr<std::shared_ptr<const CompiledRule>> RuleSet::CompileCustomRule(const RuleSpec& spec,
                                                                               size_t max_memory_bytes) {
  absl::StatusOr<std::unique_ptr<CompiledRule>> rule = CompiledRule::Compile(spec, max_memory_bytes);
  if (!rule.ok()) return rule.status();
  return std::shared_ptr<const CompiledRule>(*std::move(rule));
}

}  // namespace privet
