// Where models that did not see a record disagree with its marks.
#ifndef PRIVET_TRAINING_DATA_AUDIT_DISAGREEMENT_H_
#define PRIVET_TRAINING_DATA_AUDIT_DISAGREEMENT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "training/data/audit/proposals.h"
#include "training/data/audit/suspect.h"

namespace privet {

// How much a model's word is worth is measured on the file itself: of the proposals of a type and a
// probability, so many are marked; of a type's marks, so many are believed in as little. The marks that this
// takes for the truth have the faults that are looked for, which makes evidence weaker than it is and keeps
// its order. (Confident learning, Northcutt et al. 2021, sets its thresholds from the data for the same
// reason: models are over-confident, and not alike for all types.)
//
// Several readings of one name share its probability. So of proposals that overlap the likeliest leads, and
// the presence of an entity there is its probability and that of those that gave way to it; the presence in a
// mark is that of all proposals that overlap it; one at most.
class Disagreement {
 public:
  explicit Disagreement(const AuditedFile& file);

  // Missed, Surplus, Borders and Type.
  std::vector<Suspect> Suspects() const;

  // What the models say to a range: the log-likelihood ratio of there being an entity of this type. Nothing
  // where no model read the record or none knows the type.
  std::optional<double> LogOddsOfEntity(size_t record, const LabeledSpan& span) const;

 private:
  // Of proposals of a probability: how many a mark confirms.
  class Reliability {
   public:
    void Add(EntityType type, double probability, bool confirmed);
    // Towards the share over all types and, where that is not known either, the probability itself.
    double At(EntityType type, double probability) const;

   private:
    struct Share {
      int64_t confirmed = 0;
      int64_t all = 0;
    };
    static constexpr std::array<double, 8> kBorders = {0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 0.997};
    static size_t BinOf(double probability);
    using Bins = std::array<Share, kBorders.size() + 1>;
    std::array<Bins, kEntityTypeCount> by_type_ = {};
    Bins all_ = {};
  };
  struct Leader {
    Proposal proposal;
    double presence = 0;
  };
  // One record's proposals by place.
  struct Places {
    std::vector<size_t> begins, ends;              // sorted
    std::vector<double> sum_by_begin, sum_by_end;  // of the first n probabilities by either order
    std::vector<Leader> leaders;                   // without overlaps
  };

  static Places PlacesOf(const std::vector<Proposal>& proposals);
  static double PresenceIn(const Places& places, const Span& span);
  // Share of the type's marks that models believe in as little, or less.
  double AsDoubted(EntityType type, double presence) const;
  void AddSuspectsOf(size_t record, const Places& places, std::vector<Suspect>* suspects) const;

  const AuditedFile& file_;
  std::vector<std::optional<Places>> places_;                            // by record
  Reliability present_;                                                  // a mark overlaps; by presence
  Reliability exact_;                                                    // the same is marked; by probability
  std::array<std::vector<double>, kEntityTypeCount> presence_of_marks_;  // sorted
  TypeSet proposed_;                                                     // types that models know
};

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_AUDIT_DISAGREEMENT_H_
