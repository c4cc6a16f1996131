#include "rules/rule_set.h"

#include <re2/set.h>

#include <algorithm>
#include <bitset>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/folded_text.h"
#include "core/utf8.h"
#include "rules/anchors.h"
#include "rules/compiled_rule.h"

namespace privet {
namespace {

constexpr size_t kMaxRules = 1024;
using RuleBits = std::bitset<kMaxRules>;

// How far around its anchors a group's region reaches, before it is widened to whole words.
constexpr size_t kMarginBytes = AnchorScanner::kReach / 2;
// How far a word may run on over the margin: long enough for e-mail addresses on the left, for URLs and
// tokens on the right.
constexpr size_t kMaxWordLeft = 320;
constexpr size_t kMaxWordRight = 4096;
constexpr size_t kMaxMultilineBytes = 32 << 10;
// Custom rules have no gate: they see the whole text in pieces of at most this size, cut at line ends where
// possible.
constexpr size_t kMaxPieceBytes = 16 << 10;
constexpr size_t kPieceOverlapBytes = 512;
// From so many rules on, one pass of all patterns together decides which of them to run.
constexpr size_t kFewRules = 3;
constexpr int64_t kSetMemoryBytes = 256 << 20;
constexpr size_t kPollBytes = 64 << 10;
// What rules without a gate may find in one text: a pattern such as \d would fill the memory.
constexpr size_t kMaxCandidates = 1 << 19;

bool IsLineBreak(char c) { return c == '\n' || c == '\r'; }

// Visible ASCII, and so part of a word as e-mail addresses, URLs and tokens have them.
bool IsWordByte(char c) { return c > ' ' && c < 0x7F; }

size_t AlignDown(std::string_view text, size_t i) {
  while (i > 0 && i < text.size() && IsUtf8Continuation(text[i])) --i;
  return i;
}

size_t AlignUp(std::string_view text, size_t i) {
  while (i < text.size() && IsUtf8Continuation(text[i])) ++i;
  return i;
}

Span RegionAround(std::string_view text, Span anchors) {
  size_t begin = anchors.begin;
  for (size_t left = kMarginBytes; left > 0 && begin > 0 && !IsLineBreak(text[begin - 1]); --left) --begin;
  begin = AlignDown(text, begin);
  for (size_t left = kMaxWordLeft; left > 0 && begin > 0 && IsWordByte(text[begin - 1]); --left) --begin;
  size_t end = anchors.end;
  for (size_t left = kMarginBytes; left > 0 && end < text.size() && !IsLineBreak(text[end]); --left) ++end;
  end = AlignUp(text, end);
  for (size_t left = kMaxWordRight; left > 0 && end < text.size() && IsWordByte(text[end]); --left) ++end;
  return {begin, end};
}

Span LinesAfter(std::string_view text, Span anchors) {
  size_t begin = anchors.begin;
  while (begin > 0 && anchors.begin - begin < kMarginBytes && !IsLineBreak(text[begin - 1])) --begin;
  const size_t end = std::min(text.size(), anchors.end + kMaxMultilineBytes);
  return {AlignDown(text, begin), AlignUp(text, end)};
}

auto OrderOf(const Candidate& c) { return std::tie(c.span.begin, c.span.end, c.evidence.source); }

void SortAndDropRepeats(std::vector<Candidate>* candidates) {
  std::sort(candidates->begin(), candidates->end(), [](const Candidate& a, const Candidate& b) {
    return OrderOf(a) < OrderOf(b) || (OrderOf(a) == OrderOf(b) && a.score > b.score);
  });
  const auto same = [](const Candidate& a, const Candidate& b) { return OrderOf(a) == OrderOf(b); };
  candidates->erase(std::unique(candidates->begin(), candidates->end(), same), candidates->end());
}

// The pattern with its rule's boundary spelled out, for the set. Boundaries are checked again on each match;
// here they keep the automaton small: without them a thread starts at every digit of a long number, and the
// states that mix them are without number.
std::string WithBoundary(const std::string& pattern, const RuleSpec& rule) {
  if (RE2(pattern).NumberOfCapturingGroups() > 0) return pattern;  // the boundary is that of the group
  std::string before, after;
  switch (rule.boundary) {
    case Boundary::None:
      return pattern;
    case Boundary::Digit:
      before = "[^0-9]";
      after = "[^0-9]";
      break;
    case Boundary::Word:
      before = "[^0-9A-Za-z]";
      after = "[^0-9A-Za-z]";
      break;
    case Boundary::Number:
      before = "[^0-9A-Za-z.-]|(?:^|[^0-9])[.-]";
      after = "[^0-9A-Za-z]";
      break;
  }
  return absl::StrCat("(?:^|", before, ")(?:", pattern, ")(?:$|", after, ")");
}

absl::Status PackError(const Pack& pack, const RuleSpec& rule, int line, absl::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat(pack.file_name, ":", line, ": rule '", rule.id, "': ", reason));
}

}  // namespace

struct RuleSet::State {
  // What a region offers to the gates.
  struct Features {
    int max_digits = 0;
    int max_token = 0;
    bool hex_groups = false;
    std::vector<uint16_t> literals;
  };

  // The scratch memory of one scan.
  struct Scratch {
    AnchorGroup group;
    AnchorGroup folded_group;
    FoldedText folded;
    FoldedText lines;
    Features features;
    std::vector<int> set_hits;
    std::vector<uint32_t> pattern_bits;  // by rule: which of its patterns the set met
    std::vector<uint16_t> open;
  };

  std::vector<RuleSpec> specs;
  std::vector<std::unique_ptr<CompiledRule>> rules;
  std::vector<AnchorScanner::Literal> literals;
  std::unique_ptr<AnchorScanner> scanner;
  std::vector<uint16_t> digit_rules;                    // gates without literals, by rising min_digits
  std::vector<std::vector<uint16_t>> rules_by_literal;  // in step with literals
  std::unique_ptr<RE2::Set> digit_set;                  // the patterns of digit_rules
  struct SetPattern {
    uint16_t rule;
    uint32_t bit;  // of the pattern among its rule's
  };
  std::vector<SetPattern> set_patterns;  // in step with digit_set

  absl::Status Add(const Pack& pack);
  absl::Status BuildPrefilters();
  void Open(const Features& features, const TypeSet& types, std::vector<uint16_t>* open) const;
  void LookAgain(const FoldedText& folded, Scratch* scratch) const;
  void ScanGroup(std::string_view text, const TypeSet& types, Scratch* scratch,
                 std::vector<Candidate>* candidates, std::vector<RuleTrace>* traces) const;
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
  int fewest_digits = 41;  // of gates without literals; more than any gate may ask for
  int shortest_token = 64;
  for (size_t i = 0; i < specs.size(); ++i) {
    const uint16_t index = static_cast<uint16_t>(i);
    const Gate& gate = specs[i].gate;
    if (gate.min_token > 0) shortest_token = std::min(shortest_token, gate.min_token);
    if (gate.min_digits > 0 && gate.literals.empty())
      fewest_digits = std::min(fewest_digits, gate.min_digits);
    if (gate.literals.empty()) digit_rules.push_back(index);
    for (const std::string& literal : gate.literals) by_literal[literal].push_back(index);
  }
  for (auto& [literal, of_literal] : by_literal) {
    int min_digits = 40;
    for (const uint16_t index : of_literal) min_digits = std::min(min_digits, specs[index].gate.min_digits);
    literals.push_back({literal, min_digits});
    rules_by_literal.push_back(std::move(of_literal));
  }
  scanner = std::make_unique<AnchorScanner>(literals);
  scanner->set_minima(fewest_digits, shortest_token);
  std::stable_sort(digit_rules.begin(), digit_rules.end(), [&](uint16_t a, uint16_t b) {
    return specs[a].gate.min_digits < specs[b].gate.min_digits;
  });

  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kSetMemoryBytes);
  digit_set = std::make_unique<RE2::Set>(options, RE2::UNANCHORED);
  for (const uint16_t index : digit_rules) {
    for (size_t i = 0; i < specs[index].patterns.size(); ++i) {
      const std::string& pattern = specs[index].patterns[i];
      if (digit_set->Add(WithBoundary(pattern, specs[index]), nullptr) < 0)
        return absl::InternalError("a pattern compiles alone but not in the set");
      set_patterns.push_back({index, uint32_t{1} << i});
    }
  }
  if (!digit_set->Compile())
    return absl::ResourceExhaustedError("the patterns of all packs need too much memory together");
  return absl::OkStatus();
}

void RuleSet::State::Open(const Features& features, const TypeSet& types, std::vector<uint16_t>* open) const {
  open->clear();
  RuleBits seen;
  const auto add = [&](uint16_t index) {
    const Gate& gate = specs[index].gate;
    const bool closed = gate.min_digits > features.max_digits || gate.min_token > features.max_token ||
                        (gate.hex_groups && !features.hex_groups);
    if (seen.test(index) || closed || !types.test(IndexOf(specs[index].type))) return;
    seen.set(index);
    open->push_back(index);
  };
  for (const uint16_t index : digit_rules) {
    if (specs[index].gate.min_digits > features.max_digits) break;
    add(index);
  }
  for (const uint16_t literal : features.literals) {
    for (const uint16_t index : rules_by_literal[literal]) add(index);
  }
}

void RuleSet::State::LookAgain(const FoldedText& folded, Scratch* scratch) const {
  size_t position = 0;
  while (position < folded.text().size()) {
    if (!scanner->Next(folded.text(), &position, folded.text().size(), &scratch->folded_group)) break;
    Features& features = scratch->features;
    features.max_digits = std::max(features.max_digits, scratch->folded_group.max_digits);
    features.max_token = std::max(features.max_token, scratch->folded_group.max_token);
    features.hex_groups = features.hex_groups || scratch->folded_group.hex_groups;
    features.literals.insert(features.literals.end(), scratch->folded_group.literals.begin(),
                             scratch->folded_group.literals.end());
  }
}

void RuleSet::State::ScanGroup(std::string_view text, const TypeSet& types, Scratch* scratch,
                               std::vector<Candidate>* candidates, std::vector<RuleTrace>* traces) const {
  scratch->features.max_digits = scratch->group.max_digits;
  scratch->features.max_token = scratch->group.max_token;
  scratch->features.hex_groups = scratch->group.hex_groups;
  std::swap(scratch->features.literals, scratch->group.literals);
  bool folded = false;
  const auto fold = [&] {
    if (!folded) scratch->folded.Assign(text, RegionAround(text, scratch->group.span));
    folded = true;
  };
  if (scratch->group.folds) {
    fold();
    LookAgain(scratch->folded, scratch);
  }
  Open(scratch->features, types, &scratch->open);
  if (traces != nullptr) {
    for (const uint16_t index : scratch->open) (*traces)[index].gate = "open";
  }
  if (scratch->open.empty()) return;
  fold();

  const Region region{text, &scratch->folded};
  const bool asked_set = scratch->open.size() > kFewRules && traces == nullptr;
  if (asked_set) {
    scratch->set_hits.clear();
    scratch->pattern_bits.assign(rules.size(), 0);
    RE2::Set::ErrorInfo error;
    const re2::StringPiece piece(scratch->folded.text().data(), scratch->folded.text().size());
    if (digit_set->Match(piece, &scratch->set_hits, &error)) {
      for (const int hit : scratch->set_hits) {
        const SetPattern& pattern = set_patterns[static_cast<size_t>(hit)];
        scratch->pattern_bits[pattern.rule] |= pattern.bit;
      }
    } else if (error.kind != RE2::Set::kNoError) {
      // Out of memory for its automaton: every pattern runs by itself.
      scratch->pattern_bits.assign(rules.size(), CompiledRule::kAllPatterns);
    }
  }
  for (const uint16_t index : scratch->open) {
    const CompiledRule& rule = *rules[index];
    RuleTrace* trace = traces != nullptr ? &(*traces)[index] : nullptr;
    if (rule.spec().multiline) {
      scratch->lines.Assign(text, LinesAfter(text, scratch->group.span));
      rule.FindIn({text, &scratch->lines}, candidates, trace);
    } else {
      const bool in_set = asked_set && rule.spec().gate.literals.empty();
      const uint32_t patterns = in_set ? scratch->pattern_bits[index] : CompiledRule::kAllPatterns;
      if (patterns != 0) rule.FindIn(region, candidates, trace, patterns);
    }
  }
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

absl::StatusOr<std::vector<Candidate>> RuleSet::Scan(std::string_view text,
                                                     const ScanRequest& request) const {
  std::vector<Candidate> candidates;
  if (absl::Status status = state_->ScanGroups(text, request, &candidates, nullptr); !status.ok())
    return status;

  std::vector<const CompiledRule*> over_all;
  for (const std::shared_ptr<const CompiledRule>& rule : request.custom_rules) over_all.push_back(rule.get());
  for (const std::unique_ptr<CompiledRule>& rule : state_->rules) {
    if ((request.types & request.ungated).test(IndexOf(rule->spec().type))) over_all.push_back(rule.get());
  }
  size_t look_again_at = kMaxCandidates;
  FoldedText folded;
  for (size_t begin = 0; !over_all.empty() && begin < text.size();) {
    if (request.stop != nullptr && *request.stop && (*request.stop)())
      return absl::CancelledError("stopped by the caller");
    size_t end = text.size();
    size_t next = end;
    if (text.size() - begin > kMaxPieceBytes) {
      const size_t line_end = text.rfind('\n', begin + kMaxPieceBytes);
      const bool whole_lines = line_end != std::string_view::npos && line_end > begin;
      end = whole_lines ? line_end + 1 : AlignDown(text, begin + kMaxPieceBytes);
      next = whole_lines ? end : AlignDown(text, end - kPieceOverlapBytes);
    }
    folded.Assign(text, {begin, end});
    for (const CompiledRule* rule : over_all) {
      rule->FindIn({text, &folded}, &candidates, nullptr);
      if (candidates.size() <= look_again_at) continue;
      SortAndDropRepeats(&candidates);
      if (candidates.size() > kMaxCandidates) {
        return absl::InvalidArgumentError(
            absl::StrCat("gives more than ", kMaxCandidates,
                         " matches; split it, raise min_score or make custom patterns narrower"));
      }
      look_again_at = std::max(kMaxCandidates, candidates.size() + kMaxCandidates / 8);
    }
    begin = next;
  }
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
  std::vector<Candidate> candidates;
  state_->ScanGroups(text, ScanRequest(), &candidates, &traces).IgnoreError();  // nothing stops it
  return traces;
}

std::vector<std::string> RuleSet::FailingExamples() const {
  constexpr double kDefaultThreshold = 0.5;
  constexpr std::string_view kOpen = "⟦";
  constexpr std::string_view kClose = "⟧";
  std::vector<std::string> failures;
  for (const RuleSpec& spec : specs()) {
    ScanRequest request;
    request.types.reset();
    request.types.set(IndexOf(spec.type));
    const auto spans_in = [&](std::string_view text) {
      std::vector<Span> spans;
      if (FindInvalidUtf8(text) != std::string_view::npos) return spans;
      absl::StatusOr<std::vector<Candidate>> candidates = Scan(text, request);
      for (const Candidate& candidate : *candidates) {
        if (candidate.evidence.source == spec.id && candidate.score >= kDefaultThreshold) {
          spans.push_back(candidate.span);
        }
      }
      return spans;
    };
    for (const std::string& example : spec.match_examples) {
      std::string text = example;
      std::vector<Span> expected;
      for (size_t open; (open = text.find(kOpen)) != std::string::npos;) {
        text.erase(open, kOpen.size());
        const size_t close = text.find(kClose, open);
        if (close == std::string::npos) break;
        text.erase(close, kClose.size());
        expected.push_back({open, close});
      }
      if (expected.empty()) expected.push_back({0, text.size()});
      const std::vector<Span> found = spans_in(text);
      for (const Span& span : expected) {
        if (std::find(found.begin(), found.end(), span) == found.end()) {
          failures.push_back(absl::StrCat("rule '", spec.id, "' must match: ", example));
          break;
        }
      }
    }
    for (const std::string& example : spec.no_match_examples) {
      if (!spans_in(example).empty()) {
        failures.push_back(absl::StrCat("rule '", spec.id, "' must not match: ", example));
      }
    }
  }
  return failures;
}

absl::StatusOr<std::shared_ptr<const CompiledRule>> RuleSet::CompileCustomRule(const RuleSpec& spec) {
  absl::StatusOr<std::unique_ptr<CompiledRule>> rule = CompiledRule::Compile(spec);
  if (!rule.ok()) return rule.status();
  return std::shared_ptr<const CompiledRule>(*std::move(rule));
}

}  // namespace privet
