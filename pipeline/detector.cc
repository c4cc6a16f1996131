#include "pipeline/detector.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/absl_view.h"
#include "core/field_error.h"
#include "core/unescape.h"
#include "core/utf8.h"
#include "pipeline/compiled_policy.h"
#include "pipeline/repeats.h"
#include "pipeline/selection.h"
#include "rules/pattern_search.h"
#include "rules/rule_set.h"

namespace privet {
namespace {

// One finding for each span and type, with the evidence of all candidates that agree on it, strongest first.
std::vector<Finding> Join(std::vector<Candidate> candidates) {
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    const auto rank = [](const Candidate& c) { return std::make_tuple(c.span, c.type, -c.score); };
    const auto rank_a = rank(a), rank_b = rank(b);
    return rank_a < rank_b || (rank_a == rank_b && a.evidence.source < b.evidence.source);
  });
  std::vector<Finding> findings;
  for (Candidate& candidate : candidates) {
    const bool joins =
        !findings.empty() && findings.back().span == candidate.span && findings.back().type == candidate.type;
    if (!joins)
      findings.push_back({candidate.span, candidate.type, candidate.score, candidate.conclusive, {}});
    Finding& finding = findings.back();
    finding.conclusive = finding.conclusive || candidate.conclusive;
    finding.evidence.push_back(std::move(candidate.evidence));
  }
  return findings;
}

// Drops what overlaps a denied value, so that the value is reported whole. `denied` is in order, without
// overlaps.
void MakeRoomFor(const std::vector<Finding>& denied, std::vector<Finding>* findings) {
  if (denied.empty()) return;
  std::erase_if(*findings, [&](const Finding& finding) {
    const auto next = std::upper_bound(denied.begin(), denied.end(), finding.span.begin,
                                       [](size_t begin, const Finding& d) { return begin < d.span.end; });
    return next != denied.end() && next->span.Overlaps(finding.span);
  });
}

absl::Status DropAllowed(std::string_view text, const CompiledPolicy& policy, const StopToken& stop,
                         std::vector<Finding>* findings) {
  StopPoll poll(stop);
  std::erase_if(*findings, [&](const Finding& finding) {
    return poll.GoOn(finding.span.size()) && policy.Allows(text, finding, &poll);
  });
  return poll.stopped() ? absl::CancelledError("stopped by the caller") : absl::OkStatus();
}

bool IsBefore(const Finding& a, const Finding& b) { return a.span < b.span; }

// Keeps the `most` findings with the highest scores, of equal ones the first, in order of position.
void Truncate(size_t most, Detection* detection) {
  std::vector<Finding>& findings = detection->findings;
  if (findings.size() <= most) return;
  detection->truncated = true;
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.score > b.score; });
  findings.resize(most);
  std::sort(findings.begin(), findings.end(), IsBefore);
}

// Thresholds first. Denied values take their place, and selection fills the rest without overlaps; names that
// are left are looked for where nothing was found. Allowed values go last, so that nothing that lost to one
// of them, or stands in one, shows up in its stead.
absl::Status Choose(std::string_view text, const CompiledPolicy& policy, const StopToken& stop,
                    std::vector<Finding> findings, Detection* detection) {
  const TypeThresholds& min_score = policy.MinScoreIn(text);
  std::erase_if(findings, [&](const Finding& f) { return f.score < min_score[IndexOf(f.type)]; });
  absl::StatusOr<std::vector<Finding>> denied = policy.DenyMatches(text, stop);
  if (!denied.ok()) return denied.status();
  MakeRoomFor(*denied, &findings);
  findings = SelectWithoutOverlaps(std::move(findings));
  const absl::StatusOr<bool> more = AddRepeats(text, min_score, policy.max_findings, stop, &findings);
  if (!more.ok()) return more.status();
  detection->truncated = detection->truncated || *more;
  MakeRoomFor(*denied, &findings);  // a repeat knows nothing of them
  if (absl::Status status = DropAllowed(text, policy, stop, &findings); !status.ok()) return status;

  detection->findings.reserve(findings.size() + denied->size());
  std::merge(std::make_move_iterator(findings.begin()), std::make_move_iterator(findings.end()),
             std::make_move_iterator(denied->begin()), std::make_move_iterator(denied->end()),
             std::back_inserter(detection->findings), IsBefore);
  Truncate(policy.max_findings, detection);
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckText(std::string_view text, const Limits& limits) {
  if (text.size() > limits.max_text_bytes) {
    return InvalidField("text", absl::StrCat("has ", text.size(), " bytes, at most ", limits.max_text_bytes,
                                             " are allowed; split it at line ends"));
  }
  const size_t bad = FindInvalidUtf8(text);
  if (bad != std::string_view::npos) {
    const bool utf16 = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
    return InvalidField("text",
                        absl::StrCat("is not UTF-8: the byte at offset ", bad,
                                     " does not belong; convert the text first, such as with `iconv -f ",
                                     utf16 ? "UTF-16" : "GB18030", " -t UTF-8`"));
  }
  return absl::OkStatus();
}

Detector::Detector(std::shared_ptr<const RuleSet> rules, const Limits& limits,
                   std::shared_ptr<const LearnedStages> stages)
    : rules_(std::move(rules)), limits_(limits), stages_(std::move(stages)) {}

struct Detector::ReadText {
  UnescapedText text;
  absl::Duration rule_time;
};

// One finding for each span and type, with the evidence of all rules that agree.
absl::StatusOr<std::vector<Finding>> Detector::RunRules(const UnescapedText& text,
                                                        const CompiledPolicy& policy,
                                                        const StopToken& stop) const {
  ScanRequest request;
  request.types = policy.types;
  request.ungated = policy.ungated;
  request.custom_rules = policy.custom_rules;
  request.stop = &stop;
  absl::StatusOr<std::vector<Candidate>> candidates = rules_->Scan(text, request);
  if (candidates.ok()) return Join(*std::move(candidates));
  if (absl::IsInvalidArgument(candidates.status()))
    return InvalidField("text", StdView(candidates.status().message()));
  return candidates.status();
}

std::vector<Detector::ReadText> Detector::Stage(std::span<const std::string_view> texts,
                                                const CompiledPolicy& policy, const StopToken& stop,
                                                std::vector<StagedText>* staged) const {
  std::vector<ReadText> read(texts.size());
  staged->resize(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    StagedText& text = (*staged)[i];
    text.status = CheckText(texts[i], limits_);
    if (!text.status.ok()) continue;
    read[i].text = UnescapedText(texts[i]);
    text.text = read[i].text.read();
    const absl::Time begin = absl::Now();
    absl::StatusOr<std::vector<Finding>> findings = RunRules(read[i].text, policy, stop);
    if (findings.ok()) {
      text.findings = *std::move(findings);
    } else {
      text.status = findings.status();
    }
    read[i].rule_time = absl::Now() - begin;
  }
  return read;
}

std::vector<absl::StatusOr<Detection>> Detector::DetectEach(std::span<const std::string_view> texts,
                                                            const CompiledPolicy& policy,
                                                            const StopToken& stop) const {
  std::vector<StagedText> staged;
  const std::vector<ReadText> read = Stage(texts, policy, stop, &staged);
  // Models add what needs meaning, and have their say on what the rules found.
  if (stages_ != nullptr) stages_->Run(policy, stop, staged);

  std::vector<absl::StatusOr<Detection>> results;
  results.reserve(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    StagedText& text = staged[i];
    Detection detection;
    detection.rule_time = read[i].rule_time;
    detection.stage_work = text.work;
    if (text.status.ok()) text.status = Choose(text.text, policy, stop, std::move(text.findings), &detection);
    if (!text.status.ok()) {
      results.emplace_back(text.status);
      continue;
    }
    for (Finding& finding : detection.findings) finding.span = read[i].text.AsWritten(finding.span);
    results.emplace_back(std::move(detection));
  }
  return results;
}

std::vector<absl::StatusOr<std::vector<ProposedSpan>>> Detector::ProposeEach(
    std::span<const std::string_view> texts, const CompiledPolicy& policy, const StopToken& stop) const {
  std::vector<std::vector<ProposedSpan>> proposals(texts.size());
  std::vector<StagedText> staged;
  const std::vector<ReadText> read = Stage(texts, policy, stop, &staged);
  for (size_t i = 0; i < texts.size(); ++i) staged[i].proposals = &proposals[i];
  if (stages_ != nullptr) stages_->Run(policy, stop, staged);

  std::vector<absl::StatusOr<std::vector<ProposedSpan>>> results;
  results.reserve(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    if (!staged[i].status.ok()) {
      results.emplace_back(staged[i].status);
      continue;
    }
    // Of these only rules speak.
    std::map<Span, std::vector<Finding>> unread;
    for (Finding& finding : staged[i].findings) unread[finding.span].push_back(std::move(finding));
    for (auto& [span, rules] : unread) {
      ProposedSpan& proposal = proposals[i].emplace_back();
      proposal.span = span;
      proposal.rules = std::move(rules);
    }
    for (ProposedSpan& proposal : proposals[i]) {
      proposal.span = read[i].text.AsWritten(proposal.span);
      for (Finding& finding : proposal.rules) finding.span = proposal.span;
    }
    std::sort(proposals[i].begin(), proposals[i].end(),
              [](const ProposedSpan& a, const ProposedSpan& b) { return a.span < b.span; });
    results.emplace_back(std::move(proposals[i]));
  }
  return results;
}

absl::StatusOr<Detection> Detector::Detect(std::string_view text, const CompiledPolicy& policy,
                                           const StopToken& stop) const {
  return std::move(DetectEach({&text, 1}, policy, stop)[0]);
}

}  // namespace privet
