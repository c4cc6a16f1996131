#include "training/data/audit/disagreement.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace privet {
namespace {

constexpr double kConfident = 0.5;  // likelier than not

// The marks that overlap a span, as a range of the record's spans.
std::span<const LabeledSpan> Overlapped(const LabeledRecord& record, const Span& span) {
  const auto begin =
      std::partition_point(record.spans.begin(), record.spans.end(),
                           [&](const LabeledSpan& mark) { return mark.span.end <= span.begin; });
  const auto end = std::partition_point(begin, record.spans.end(),
                                        [&](const LabeledSpan& mark) { return mark.span.begin < span.end; });
  return {begin, end};
}

}  // namespace

size_t Disagreement::Reliability::BinOf(double probability) {
  return static_cast<size_t>(std::upper_bound(kBorders.begin(), kBorders.end(), probability) -
                             kBorders.begin());
}

void Disagreement::Reliability::Add(EntityType type, double probability, bool confirmed) {
  for (Bins* const bins : {&by_type_[IndexOf(type)], &all_}) {
    Share& share = (*bins)[BinOf(probability)];
    ++share.all;
    share.confirmed += confirmed ? 1 : 0;
  }
}

double Disagreement::Reliability::At(EntityType type, double probability) const {
  constexpr double kWeight = 10;  // what the wider share counts, in proposals
  double share = probability;
  for (const Bins* const bins : {&all_, &by_type_[IndexOf(type)]}) {
    const Share& seen = (*bins)[BinOf(probability)];
    share =
        (static_cast<double>(seen.confirmed) + kWeight * share) / (static_cast<double>(seen.all) + kWeight);
  }
  return share;
}

Disagreement::Places Disagreement::PlacesOf(const std::vector<Proposal>& proposals) {
  Places places;
  std::vector<std::pair<size_t, double>> begins;
  std::vector<std::pair<size_t, double>> ends;
  for (const Proposal& proposal : proposals) {
    begins.emplace_back(proposal.span.begin, proposal.probability);
    ends.emplace_back(proposal.span.end, proposal.probability);
  }
  const auto sum_up = [](std::vector<std::pair<size_t, double>>* list, std::vector<size_t>* at,
                         std::vector<double>* sums) {
    std::sort(list->begin(), list->end());
    sums->push_back(0);
    for (const auto& [offset, probability] : *list) {
      at->push_back(offset);
      sums->push_back(sums->back() + probability);
    }
  };
  sum_up(&begins, &places.begins, &places.sum_by_begin);
  sum_up(&ends, &places.ends, &places.sum_by_end);

  std::vector<Proposal> order = proposals;
  std::stable_sort(order.begin(), order.end(),
                   [](const Proposal& a, const Proposal& b) { return a.probability > b.probability; });
  std::map<size_t, Leader> leaders;  // by begin
  for (const Proposal& proposal : order) {
    const Span& span = proposal.span;
    // Where it overlaps more than two, the first two are looked at.
    Leader* likeliest = nullptr;
    const auto look_at = [&](Leader* leader) {
      if (!leader->proposal.span.Overlaps(span)) return;
      if (likeliest == nullptr || leader->proposal.probability > likeliest->proposal.probability)
        likeliest = leader;
    };
    const auto after = leaders.lower_bound(span.begin);
    if (after != leaders.begin()) look_at(&std::prev(after)->second);
    if (after != leaders.end()) look_at(&after->second);
    if (likeliest == nullptr) {
      leaders.emplace(span.begin, Leader{proposal, proposal.probability});
    } else {
      likeliest->presence = std::min(1.0, likeliest->presence + proposal.probability);
    }
  }
  for (const auto& [begin, leader] : leaders) places.leaders.push_back(leader);
  return places;
}

double Disagreement::PresenceIn(const Places& places, const Span& span) {
  // All that begin before its end, less those that end before its begin.
  const auto begun =
      std::lower_bound(places.begins.begin(), places.begins.end(), span.end) - places.begins.begin();
  const auto ended =
      std::upper_bound(places.ends.begin(), places.ends.end(), span.begin) - places.ends.begin();
  return std::clamp(
      places.sum_by_begin[static_cast<size_t>(begun)] - places.sum_by_end[static_cast<size_t>(ended)], 0.0,
      1.0);
}

Disagreement::Disagreement(const AuditedFile& file) : file_(file), places_(file.records.size()) {
  for (size_t r = 0; r < file.records.size(); ++r) {
    const Proposals& proposals = file.proposals[r];
    if (!proposals.has_value()) continue;
    const LabeledRecord& record = file.records[r];
    const Places& places = places_[r].emplace(PlacesOf(*proposals));
    for (const Proposal& proposal : *proposals) proposed_.set(IndexOf(proposal.type));
    for (const auto& [proposal, presence] : places.leaders) {
      const LabeledSpan span = {proposal.span, proposal.type};
      if (!record.covers.test(IndexOf(span.type))) continue;
      const std::span<const LabeledSpan> marks = Overlapped(record, span.span);
      present_.Add(span.type, presence, !marks.empty());
      exact_.Add(span.type, proposal.probability, marks.size() == 1 && marks[0] == span);
    }
    for (const LabeledSpan& mark : record.spans)
      presence_of_marks_[IndexOf(mark.type)].push_back(PresenceIn(places, mark.span));
  }
  for (std::vector<double>& of_type : presence_of_marks_) std::sort(of_type.begin(), of_type.end());
}

double Disagreement::AsDoubted(EntityType type, double presence) const {
  const std::vector<double>& of_type = presence_of_marks_[IndexOf(type)];
  const auto as_little = std::upper_bound(of_type.begin(), of_type.end(), presence) - of_type.begin();
  return static_cast<double>(as_little + 1) / static_cast<double>(of_type.size() + 2);
}

std::optional<double> Disagreement::LogOddsOfEntity(size_t record, const LabeledSpan& span) const {
  const std::optional<Places>& places = places_[record];
  if (!places.has_value() || !proposed_.test(IndexOf(span.type))) return std::nullopt;
  const double presence = PresenceIn(*places, span.span);
  if (presence >= kConfident) return LogOddsOf(present_.At(span.type, presence));
  return std::log(AsDoubted(span.type, presence));
}

void Disagreement::AddSuspectsOf(size_t r, const Places& places, std::vector<Suspect>* suspects) const {
  const LabeledRecord& record = file_.records[r];
  for (const auto& [proposal, presence] : places.leaders) {
    const LabeledSpan span = {proposal.span, proposal.type};
    if (!record.covers.test(IndexOf(span.type))) continue;
    const std::span<const LabeledSpan> marks = Overlapped(record, span.span);
    const bool is_missed = marks.empty();
    if ((is_missed ? presence : proposal.probability) < kConfident) continue;
    if (marks.size() == 1 && marks[0] == span) continue;
    Suspect suspect;
    suspect.record = r;
    suspect.kind = is_missed                                         ? FaultKind::Missed
                   : marks.size() == 1 && marks[0].span == span.span ? FaultKind::Type
                                                                     : FaultKind::Borders;
    suspect.marked.assign(marks.begin(), marks.end());
    suspect.suggested = {span};
    suspect.evidence.probability = proposal.probability;
    suspect.evidence.presence = presence;
    const double confirmed =
        is_missed ? present_.At(span.type, presence) : exact_.At(span.type, proposal.probability);
    suspect.evidence.confirmed = confirmed;
    suspect.log_likelihood_ratio = LogOddsOf(confirmed);
    suspects->push_back(std::move(suspect));
  }
  for (const LabeledSpan& mark : record.spans) {
    const double presence = PresenceIn(places, mark.span);
    if (presence >= kConfident || !proposed_.test(IndexOf(mark.type))) continue;
    Suspect suspect;
    suspect.record = r;
    suspect.kind = FaultKind::Surplus;
    suspect.marked = {mark};
    suspect.evidence.presence = presence;
    const double as_doubted = AsDoubted(mark.type, presence);
    suspect.evidence.as_doubted = as_doubted;
    suspect.log_likelihood_ratio = -std::log(as_doubted);
    suspects->push_back(std::move(suspect));
  }
}

std::vector<Suspect> Disagreement::Suspects() const {
  std::vector<Suspect> suspects;
  for (size_t r = 0; r < file_.records.size(); ++r) {
    if (const std::optional<Places>& places = places_[r]; places.has_value())
      AddSuspectsOf(r, *places, &suspects);
  }
  return suspects;
}

}  // namespace privet
