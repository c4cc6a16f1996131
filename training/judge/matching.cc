#include "training/judge/matching.h"

#include <algorithm>
#include <map>
#include <utility>

namespace privet {
namespace {

void MatchExactly(std::span<const LabeledSpan> entities, std::span<const Finding> findings,
                  Matched* matched) {
  std::multimap<std::pair<Span, EntityType>, size_t> open;
  for (size_t i = 0; i < entities.size(); ++i)
    open.emplace(std::make_pair(entities[i].span, entities[i].type), i);
  for (size_t i = 0; i < findings.size(); ++i) {
    const auto same = open.find({findings[i].span, findings[i].type});
    if (same == open.end()) continue;
    matched->found[same->second] = true;
    matched->right[i] = true;
    open.erase(same);
  }
}

// Whether any of `spans` overlaps each of `asked`, by index.
std::vector<bool> Touched(const std::vector<Span>& asked, std::vector<Span> spans) {
  std::sort(spans.begin(), spans.end());
  std::vector<size_t> reach;  // the furthest end among the first i + 1 spans
  reach.reserve(spans.size());
  for (const Span& span : spans) reach.push_back(reach.empty() ? span.end : std::max(reach.back(), span.end));
  std::vector<bool> touched;
  for (const Span& span : asked) {
    const auto behind = std::lower_bound(spans.begin(), spans.end(), span.end,
                                         [](const Span& s, size_t end) { return s.begin < end; });
    const auto before = static_cast<size_t>(behind - spans.begin());
    touched.push_back(before > 0 && reach[before - 1] > span.begin);
  }
  return touched;
}

void MatchAnyType(std::span<const LabeledSpan> entities, std::span<const Finding> findings,
                  Matched* matched) {
  std::vector<Span> marked, found;
  for (const LabeledSpan& entity : entities) marked.push_back(entity.span);
  for (const Finding& finding : findings) found.push_back(finding.span);
  matched->found = Touched(marked, found);
  matched->right = Touched(found, marked);
}

void MatchOverlaps(std::span<const LabeledSpan> entities, std::span<const Finding> findings,
                   Matched* matched) {
  struct Places {
    std::vector<Span> entities, findings;
    std::vector<size_t> entity_indexes, finding_indexes;
  };
  std::map<EntityType, Places> by_type;
  for (size_t i = 0; i < entities.size(); ++i) {
    by_type[entities[i].type].entities.push_back(entities[i].span);
    by_type[entities[i].type].entity_indexes.push_back(i);
  }
  for (size_t i = 0; i < findings.size(); ++i) {
    by_type[findings[i].type].findings.push_back(findings[i].span);
    by_type[findings[i].type].finding_indexes.push_back(i);
  }
  for (const auto& [type, places] : by_type) {
    const std::vector<bool> found = Touched(places.entities, places.findings);
    const std::vector<bool> right = Touched(places.findings, places.entities);
    for (size_t i = 0; i < found.size(); ++i) matched->found[places.entity_indexes[i]] = found[i];
    for (size_t i = 0; i < right.size(); ++i) matched->right[places.finding_indexes[i]] = right[i];
  }
}

std::optional<double> Ratio(size_t part, size_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Matched MatchSpans(std::span<const LabeledSpan> entities, std::span<const Finding> findings, Match match) {
  Matched matched = {std::vector<bool>(entities.size()), std::vector<bool>(findings.size())};
  switch (match) {
    case Match::Exact:
      MatchExactly(entities, findings, &matched);
      break;
    case Match::Overlap:
      MatchOverlaps(entities, findings, &matched);
      break;
    case Match::AnyType:
      MatchAnyType(entities, findings, &matched);
      break;
  }
  return matched;
}

std::vector<LabeledSpan> JudgedEntities(const LabeledRecord& record) {
  std::vector<LabeledSpan> entities = record.spans;
  std::erase_if(entities, [&](const LabeledSpan& e) { return !record.covers.test(IndexOf(e.type)); });
  return entities;
}

std::vector<Finding> JudgedFindings(const LabeledRecord& record, std::vector<Finding> findings) {
  std::erase_if(findings, [&](const Finding& f) { return !record.covers.test(IndexOf(f.type)); });
  return findings;
}

std::vector<LabeledSpan> FindableEntities(const LabeledRecord& record, const TypeSet& types) {
  std::vector<LabeledSpan> entities = JudgedEntities(record);
  std::erase_if(entities, [&](const LabeledSpan& e) { return !types.test(IndexOf(e.type)); });
  return entities;
}

double MissedShare(std::span<const LabeledSpan> entities, std::span<const Finding> findings) {
  const std::vector<bool> found = MatchSpans(entities, findings, Match::Overlap).found;
  return static_cast<double>(std::count(found.begin(), found.end(), false)) /
         static_cast<double>(found.size());
}

std::string_view FileOf(const LabeledRecord& record) {
  return std::string_view(record.origin).substr(0, record.origin.rfind(':'));
}

Counts& Counts::operator+=(const Counts& other) {
  entities += other.entities;
  found += other.found;
  findings += other.findings;
  right += other.right;
  return *this;
}

std::optional<double> Counts::precision() const { return Ratio(right, findings); }
std::optional<double> Counts::recall() const { return Ratio(found, entities); }

std::optional<double> Counts::f(double beta) const {
  if (entities == 0 && findings == 0) return std::nullopt;
  const double p = precision().value_or(0), r = recall().value_or(0), weight = beta * beta;
  return p + r == 0 ? 0 : (1 + weight) * p * r / (weight * p + r);
}

TypeCounts& TypeCounts::operator+=(const TypeCounts& other) {
  for (size_t t = 0; t < by_type.size(); ++t) by_type[t] += other.by_type[t];
  return *this;
}

TypeCounts CountsOf(std::span<const LabeledSpan> entities, std::span<const Finding> findings, Match match) {
  TypeCounts counts;
  counts.Add(entities, findings, match);
  return counts;
}

void TypeCounts::Add(std::span<const LabeledSpan> entities, std::span<const Finding> findings, Match match) {
  const Matched matched = MatchSpans(entities, findings, match);
  for (size_t i = 0; i < entities.size(); ++i) {
    Counts& counts = by_type[IndexOf(entities[i].type)];
    ++counts.entities;
    if (matched.found[i]) ++counts.found;
  }
  for (size_t i = 0; i < findings.size(); ++i) {
    Counts& counts = by_type[IndexOf(findings[i].type)];
    ++counts.findings;
    if (matched.right[i]) ++counts.right;
  }
}

Counts TypeCounts::micro() const {
  Counts sum;
  for (const Counts& counts : by_type) sum += counts;
  return sum;
}

MacroScores MacroOf(const TypeCounts& counts) {
  MacroScores macro;
  double precision = 0, recall = 0, f1 = 0, f2 = 0;
  size_t with_findings = 0;
  for (const Counts& type : counts.by_type) {
    if (type.entities == 0) continue;
    ++macro.types;
    recall += type.recall().value_or(0);
    f1 += type.f(1).value_or(0);
    f2 += type.f(2).value_or(0);
    if (type.findings == 0) continue;
    ++with_findings;
    precision += type.precision().value_or(0);
  }
  const auto mean = [](double sum, size_t of) {
    return of == 0 ? std::nullopt : std::optional<double>(sum / static_cast<double>(of));
  };
  macro.precision = mean(precision, with_findings);
  macro.recall = mean(recall, macro.types);
  macro.f1 = mean(f1, macro.types);
  macro.f2 = mean(f2, macro.types);
  return macro;
}

}  // namespace privet
