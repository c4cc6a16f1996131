#include "pipeline/selection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "stage2_filter/fusion.h"

namespace privet {
namespace {

// How far a whole may score below its piece and still win.
constexpr double kCloseToPiece = 0.35;
// The same where both are readings of one type. Their scores share one probability, so close means close.
constexpr double kCloseToReading = 0.1;
// Scores on one span that are no further apart say the same.
constexpr double kEqualScores = 0.05;
constexpr size_t kTypeGroupCount = static_cast<size_t>(TypeGroup::Other) + 1;

constexpr int kSpecific = 1;

// Lower is more specific: which of the types that one number is at once tells most.
int Generality(EntityType type) {
  switch (type) {
    case EntityType::CN_SOCIAL_SECURITY:  // these three may be a resident id's or a credit code's number
    case EntityType::CN_DRIVER_LICENSE:
    case EntityType::CN_TAX_ID:
      return 2;
    case EntityType::DATE_TIME:
    case EntityType::POSTCODE:
    case EntityType::OTHER_ID:
      return 3;
    default:
      return kSpecific;
  }
}

// Total, so that the order in which findings come in never matters.
auto ByPosition(const Finding& f) {
  return std::make_tuple(f.span.begin, -static_cast<ptrdiff_t>(f.span.end), f.type, -f.score, !f.conclusive);
}

bool StaysReadable(const Finding& finding) {
  return !finding.conclusive && Describe(finding.type).treatment == Treatment::Keep;
}

// Whether a rule's finding is not renamed by a reading of its span. What a rule of ours and a stage both know
// has become one finding before; this one is of a type that no stage has a name for.
bool KeepsItsName(const Finding& finding, const Finding& reading) {
  return !IsReading(finding) && !IsCustom(finding) && finding.score >= kTrustedRuleScore &&
         Generality(finding.type) == kSpecific && (!StaysReadable(finding) || StaysReadable(reading));
}

// The best of several findings on one span; rule 1.
Finding& BestOf(std::span<Finding> findings) {
  const bool any_conclusive =
      std::any_of(findings.begin(), findings.end(), [](const Finding& f) { return f.conclusive; });
  const auto yields = [&](const Finding& f) { return any_conclusive && IsReading(f); };
  double highest = 0;
  for (const Finding& f : findings) {
    if (!yields(f)) highest = std::max(highest, f.score);
  }
  const auto rank = [&](const Finding& f) {
    return std::make_tuple(yields(f), f.score + kEqualScores < highest, !f.conclusive, Generality(f.type),
                           -f.score, f.type, IsReading(f));
  };
  const auto better = [&](const Finding& a, const Finding& b) { return rank(a) < rank(b); };
  Finding* const best = &*std::min_element(findings.begin(), findings.end(), better);
  if (!IsReading(*best)) return *best;
  Finding* named = nullptr;
  for (Finding& f : findings) {
    if (KeepsItsName(f, *best) && (named == nullptr || better(f, *named))) named = &f;
  }
  return named == nullptr ? *best : *named;
}

// The best finding of each span. Equal spans stand side by side.
std::vector<Finding> BestOfEachSpan(std::vector<Finding> findings) {
  std::vector<Finding> best;
  for (size_t begin = 0, end; begin < findings.size(); begin = end) {
    for (end = begin + 1; end < findings.size() && findings[end].span == findings[begin].span;) ++end;
    best.push_back(std::move(BestOf(std::span(findings).subspan(begin, end - begin))));
  }
  return best;
}

// Answers, for spans that come in order of begin, what the best score is among those seen that reach a given
// end.
class ReachingScores {
 public:
  void Add(size_t end, double score) {
    // Kept as a staircase: the further a span reaches, the lower its score, or another makes it superfluous.
    const auto further = scores_.lower_bound(end);
    if (further != scores_.end() && further->second >= score) return;
    auto nearer = further;
    while (nearer != scores_.begin() && std::prev(nearer)->second <= score) --nearer;
    const auto behind = scores_.erase(nearer, further);
    scores_.insert_or_assign(behind, end, score);
  }

  // -1 when none reaches so far.
  double Best(size_t end) const {
    const auto found = scores_.lower_bound(end);
    return found == scores_.end() ? -1 : found->second;
  }

 private:
  std::map<size_t, double> scores_;  // end -> score
};

// The wholes seen so far, by what they do to pieces that are not readings of the same place; rule 2.
class Wholes {
 public:
  bool Cover(const Finding& piece) const {
    const size_t end = piece.span.end;
    const EntityTypeSpec& type = Describe(piece.type);
    if (hiding_.Best(end) + kCloseToPiece >= piece.score) return true;
    if (readable_by_group_[static_cast<size_t>(type.group)].Best(end) + kCloseToPiece >= piece.score)
      return true;
    if (type.treatment == Treatment::Keep) return readable_.Best(end) + kCloseToPiece >= piece.score;
    return !piece.conclusive && readable_.Best(end) > piece.score;
  }

  void Add(const Finding& whole) {
    const EntityTypeSpec& type = Describe(whole.type);
    if (whole.conclusive || type.treatment != Treatment::Keep) {
      hiding_.Add(whole.span.end, whole.score);
    } else {
      readable_.Add(whole.span.end, whole.score);
      readable_by_group_[static_cast<size_t>(type.group)].Add(whole.span.end, whole.score);
    }
  }

 private:
  ReachingScores hiding_;
  ReachingScores readable_;
  std::array<ReachingScores, kTypeGroupCount> readable_by_group_;
};

// Whether each finding would leave readable what a trusted rule found inside of it; rule 2. Findings come in
// order of position, wholes before their pieces.
std::vector<bool> FindRevealing(std::span<const Finding> findings) {
  // By group of types, the nearest end of what begins where the loop is or behind.
  std::array<size_t, kTypeGroupCount> nearest_end;
  nearest_end.fill(std::numeric_limits<size_t>::max());
  std::vector<bool> revealing(findings.size());
  for (size_t i = findings.size(); i-- > 0;) {
    const Finding& finding = findings[i];
    const auto group = static_cast<size_t>(Describe(finding.type).group);
    if (StaysReadable(finding)) {
      for (size_t g = 0; g < kTypeGroupCount; ++g)
        revealing[i] = revealing[i] || (g != group && nearest_end[g] <= finding.span.end);
    } else if (Describe(finding.type).treatment != Treatment::Keep && !IsReading(finding) &&
               (finding.conclusive || finding.score >= kTrustedRuleScore)) {
      nearest_end[group] = std::min(nearest_end[group], finding.span.end);
    }
  }
  return revealing;
}

// Whether each finding is a piece of a whole that wins over it. Findings come in order of position, wholes
// before their pieces, with distinct spans; those that reveal are wholes to none.
std::vector<bool> FindPieces(std::span<const Finding> findings, const std::vector<bool>& is_revealing) {
  Wholes with_form;
  Wholes readings;
  std::map<EntityType, ReachingScores> readings_by_type;
  std::vector<bool> is_piece;
  is_piece.reserve(findings.size());
  for (size_t i = 0; i < findings.size(); ++i) {
    const Finding& finding = findings[i];
    const bool is_reading = IsReading(finding);
    bool covered = with_form.Cover(finding);
    if (is_reading) {
      const auto same_type = readings_by_type.find(finding.type);
      covered = covered || (same_type != readings_by_type.end() &&
                            same_type->second.Best(finding.span.end) + kCloseToReading >= finding.score);
    } else if (!finding.conclusive) {
      covered = covered || readings.Cover(finding);
    }
    is_piece.push_back(covered);
    if (covered || is_revealing[i]) continue;
    (is_reading ? readings : with_form).Add(finding);
    if (is_reading) readings_by_type[finding.type].Add(finding.span.end, finding.score);
  }
  return is_piece;
}

// The findings chosen so far.
class Selection {
 public:
  bool Overlaps(const Finding& finding) const {
    const auto after = chosen_.lower_bound(finding.span.begin);
    if (after != chosen_.end() && after->second->span.begin < finding.span.end) return true;
    return after != chosen_.begin() && std::prev(after)->second->span.end > finding.span.begin;
  }

  void Add(Finding* finding) { chosen_.emplace(finding->span.begin, finding); }

  void MoveTo(std::vector<Finding>* findings) const {
    for (const auto& [begin, finding] : chosen_) findings->push_back(std::move(*finding));
  }

 private:
  std::map<size_t, Finding*> chosen_;  // by begin
};

// Adds the heaviest set without overlaps; rule 4. `rivals` overlap nothing in the selection.
void AddHeaviest(std::vector<Finding*> rivals, Selection* selection) {
  std::sort(rivals.begin(), rivals.end(), [](const Finding* a, const Finding* b) {
    return std::tie(a->span.end, a->span.begin) < std::tie(b->span.end, b->span.begin);
  });
  std::vector<double> heaviest = {0};  // of the first i rivals
  std::vector<size_t> compatible;      // how many rivals end at or before this one's begin
  heaviest.reserve(rivals.size() + 1);
  compatible.reserve(rivals.size());
  for (size_t i = 0; i < rivals.size(); ++i) {
    const auto end = rivals.begin() + static_cast<ptrdiff_t>(i);
    const auto first_too_late =
        std::upper_bound(rivals.begin(), end, rivals[i]->span.begin,
                         [](size_t begin, const Finding* f) { return begin < f->span.end; });
    compatible.push_back(static_cast<size_t>(first_too_late - rivals.begin()));
    heaviest.push_back(std::max(heaviest[i], heaviest[compatible[i]] + SelectionWeight(*rivals[i])));
  }
  for (size_t i = rivals.size(); i > 0;) {
    if (heaviest[i] > heaviest[i - 1]) {
      selection->Add(rivals[i - 1]);
      i = compatible[i - 1];
    } else {
      --i;
    }
  }
}

// Rules 2 to 5 for findings of distinct spans that hang together by overlaps, in order of position.
void SelectAmong(std::span<Finding> findings, std::vector<Finding>* selected) {
  const std::vector<bool> is_revealing = FindRevealing(findings);
  const std::vector<bool> is_piece = FindPieces(findings, is_revealing);
  std::vector<Finding*> conclusive, others, left_out;
  for (size_t i = 0; i < findings.size(); ++i) {
    if (!is_piece[i] && !is_revealing[i])
      (findings[i].conclusive ? conclusive : others).push_back(&findings[i]);
  }
  Selection selection;
  AddHeaviest(std::move(conclusive), &selection);
  std::erase_if(others, [&](const Finding* f) { return selection.Overlaps(*f); });
  AddHeaviest(std::move(others), &selection);

  for (Finding& finding : findings) {
    if (!selection.Overlaps(finding)) left_out.push_back(&finding);
  }
  std::stable_sort(left_out.begin(), left_out.end(), [](const Finding* a, const Finding* b) {
    return SelectionWeight(*a) > SelectionWeight(*b);
  });
  for (Finding* finding : left_out) {
    if (!selection.Overlaps(*finding)) selection.Add(finding);
  }
  selection.MoveTo(selected);
}

}  // namespace

bool IsReading(const Finding& finding) {
  return !finding.conclusive && !finding.evidence.empty() &&
         std::all_of(finding.evidence.begin(), finding.evidence.end(), [](const Evidence& evidence) {
           return std::string_view(evidence.source).starts_with(kModelSourcePrefix);
         });
}

bool IsCustom(const Finding& finding) {
  return std::any_of(finding.evidence.begin(), finding.evidence.end(), [](const Evidence& evidence) {
    return std::string_view(evidence.source).starts_with(kCustomSourcePrefix);
  });
}

double SelectionWeight(const Finding& finding) {
  constexpr double kSurest = 1 - 1e-6;
  constexpr double kHiddenBonus = 0.02;
  constexpr double kBonusPerByte = 1e-4;
  constexpr double kMostBytes = 100;
  const bool hidden = Describe(finding.type).treatment != Treatment::Keep;
  return -std::log1p(-std::min(finding.score, kSurest)) + (hidden ? kHiddenBonus : 0) +
         kBonusPerByte * std::min(static_cast<double>(finding.span.size()), kMostBytes);
}

std::vector<Finding> SelectWithoutOverlaps(std::vector<Finding> findings) {
  std::erase_if(findings, [](const Finding& f) { return f.span.empty(); });
  std::sort(findings.begin(), findings.end(),
            [](const Finding& a, const Finding& b) { return ByPosition(a) < ByPosition(b); });
  findings = BestOfEachSpan(std::move(findings));

  // What overlaps nothing, mostly everything, needs no more thought.
  std::vector<Finding> selected;
  selected.reserve(findings.size());
  for (size_t begin = 0, end; begin < findings.size(); begin = end) {
    size_t reach = findings[begin].span.end;
    for (end = begin + 1; end < findings.size() && findings[end].span.begin < reach; ++end) {
      reach = std::max(reach, findings[end].span.end);
    }
    if (end == begin + 1) {
      selected.push_back(std::move(findings[begin]));
    } else {
      SelectAmong(std::span(findings).subspan(begin, end - begin), &selected);
    }
  }
  return selected;
}

}  // namespace privet
