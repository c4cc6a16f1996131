// Findings against marked entities: which entities were found, and which findings are right.
#ifndef PRIVET_TRAINING_JUDGE_MATCHING_H_
#define PRIVET_TRAINING_JUDGE_MATCHING_H_

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/finding.h"
#include "training/data/record.h"

namespace privet {

enum class Match {
  Exact,    // the same borders and the same type; one finding for one entity, a second one is wrong
  Overlap,  // the same type, and a byte in common: an entity found in two pieces is found, and both are right
  AnyType,  // a byte in common, of whatever types: what suffices where all findings are redacted alike
};

// By the indexes of the two lists. O((entities + findings) * log), whatever overlaps.
struct Matched {
  std::vector<bool> found;  // by entity
  std::vector<bool> right;  // by finding
};
Matched MatchSpans(std::span<const LabeledSpan> entities, std::span<const Finding> findings, Match match);

// What of a record is judged: entities and findings of the types that it covers. Of a type that nobody
// marked neither a finding nor its absence means anything.
std::vector<LabeledSpan> JudgedEntities(const LabeledRecord& record);
std::vector<Finding> JudgedFindings(const LabeledRecord& record, std::vector<Finding> findings);

// Of the judged entities those of `types`, which a pipeline can find: what a bound on missed entities speaks
// of.
std::vector<LabeledSpan> FindableEntities(const LabeledRecord& record, const TypeSet& types);

// The share of the entities that no finding of their type overlaps; there must be some.
double MissedShare(std::span<const LabeledSpan> entities, std::span<const Finding> findings);

// The file that the record came from: its origin without the line.
std::string_view FileOf(const LabeledRecord& record);

// Counts add up over texts and types.
struct Counts {
  size_t entities = 0;
  size_t found = 0;  // of the entities
  size_t findings = 0;
  size_t right = 0;  // of the findings; in an exact match as many as found

  Counts& operator+=(const Counts& other);
  friend bool operator==(const Counts&, const Counts&) = default;
  // Nothing where there is nothing to divide by.
  std::optional<double> precision() const;
  std::optional<double> recall() const;
  // (1 + beta^2) P R / (beta^2 P + R) (van Rijsbergen, Information Retrieval, 1979, chapter 7): recall counts
  // beta times as much as precision. 0 where nothing was found of what is there, or all that was is wrong.
  std::optional<double> f(double beta) const;
};

// By IndexOf(type).
struct TypeCounts {
  std::array<Counts, kEntityTypeCount> by_type;

  void Add(std::span<const LabeledSpan> entities, std::span<const Finding> findings, Match match);
  TypeCounts& operator+=(const TypeCounts& other);
  Counts micro() const;  // the sum
};

// Of one text.
TypeCounts CountsOf(std::span<const LabeledSpan> entities, std::span<const Finding> findings, Match match);

// Each type alike, whatever its number of entities: the mean over types that have any.
struct MacroScores {
  size_t types = 0;
  std::optional<double> precision;  // over types of which something was found
  std::optional<double> recall;
  std::optional<double> f1;
  std::optional<double> f2;
};
MacroScores MacroOf(const TypeCounts& counts);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_MATCHING_H_
