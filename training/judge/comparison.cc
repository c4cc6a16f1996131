#include "training/judge/comparison.h"

#include <algorithm>
#include <random>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/taxonomy.h"

namespace privet {
namespace {

constexpr int kResamplings = 1000;

double F1Of(const Counts& counts) { return counts.f(1).value_or(0); }

const PartsScore* Find(const std::vector<PartsScore>& parts, std::string_view key) {
  const auto found =
      std::find_if(parts.begin(), parts.end(), [&](const PartsScore& score) { return score.key == key; });
  return found == parts.end() ? nullptr : &*found;
}

// "ADDRESS (0.71 against 0.74)" for each type with enough entities where `with` is worse.
std::string TypesWorse(const PartsScore& with, const PartsScore& without) {
  constexpr size_t kEnoughEntities = 20;
  std::string types;
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const Counts& a = with.exact.by_type[IndexOf(spec.type)];
    const Counts& b = without.exact.by_type[IndexOf(spec.type)];
    const double f_with = a.f(1).value_or(0), f_without = b.f(1).value_or(0);
    if (a.entities < kEnoughEntities || f_with >= f_without) continue;
    absl::StrAppend(&types, types.empty() ? "" : ", ", std::string(spec.id),
                    absl::StrFormat(" (%.3f against %.3f)", f_with, f_without));
  }
  return types;
}

void Compare(const PartsScore* with, const PartsScore* without, std::vector<std::string>* remarks) {
  if (with == nullptr || without == nullptr || with->exact.micro().entities == 0) return;
  const F1Difference difference = CompareF1(with->by_text, without->by_text);
  remarks->push_back(absl::StrCat(
      with->name, ": exact F1 ", absl::StrFormat("%.3f ", F1Of(with->exact.micro())),
      difference.low > 0    ? "beats "
      : difference.high < 0 ? "falls behind "
                            : "is not told apart from ",
      without->name, absl::StrFormat(" with %.3f", F1Of(without->exact.micro())), InWords(difference)));
  const std::string types = TypesWorse(*with, *without);
  if (difference.low > 0 && !types.empty()) absl::StrAppend(&remarks->back(), "; but not for ", types);
}

}  // namespace

F1Difference CompareF1(std::span<const Counts> a, std::span<const Counts> b) {
  std::mt19937_64 random(1);  // the same on every machine, as the standard says; its distributions are not
  if (a.empty()) return {};
  std::vector<double> differences;
  differences.reserve(kResamplings);
  for (int draw = 0; draw < kResamplings; ++draw) {
    Counts sum_a, sum_b;
    for (size_t i = 0; i < a.size(); ++i) {
      const size_t text = random() % a.size();
      sum_a += a[text];
      sum_b += b[text];
    }
    differences.push_back(F1Of(sum_a) - F1Of(sum_b));
  }
  std::sort(differences.begin(), differences.end());
  constexpr size_t kTail = kResamplings / 40;  // 2.5 %
  return {differences[kTail], differences[kResamplings - 1 - kTail]};
}

std::optional<F1Difference> ComparePipelines(const Evaluation& a, const Evaluation& b) {
  if (a.exact.micro().entities == 0) return std::nullopt;
  if (!a.failed.empty() || !b.failed.empty() || a.by_text.size() != b.by_text.size()) return std::nullopt;
  return CompareF1(a.by_text, b.by_text);
}

std::string InWords(const F1Difference& difference) {
  return absl::StrFormat(" (%+.3f to %+.3f in 95%% of %d resamplings of the texts)", difference.low,
                         difference.high, kResamplings);
}

bool HasTwoTaggers(const BundleManifest& bundle) {
  return bundle.stage2.has_value() && bundle.stage2->head == FilterHead::Tagger;
}

std::vector<std::string> RemarksOn(const std::vector<PartsScore>& parts, const BundleManifest* bundle) {
  std::vector<std::string> remarks;
  if (bundle == nullptr) return remarks;
  if (!bundle->stage2.has_value()) {
    remarks.emplace_back("there is no stage 2: no average of two taggers and no fusion to compare with");
    return remarks;
  }
  Compare(Find(parts, "fused"), Find(parts, "stage1"), &remarks);
  if (!HasTwoTaggers(*bundle)) {
    remarks.emplace_back(
        "stage 2 is a span head, not a tagger: the average of two taggers at the same cost needs a second "
        "tagger");
    return remarks;
  }
  const FusionModel& fusion = bundle->calibration.fusion;
  const FusionModel unfitted;
  if (fusion.weights == unfitted.weights && fusion.bias == unfitted.bias &&
      fusion.temperature == unfitted.temperature) {
    remarks.emplace_back(
        "the bundle's fusion is not fitted: it is the average of the two taggers (trainer calibrate)");
    return remarks;
  }
  Compare(Find(parts, "fused"), Find(parts, "average"), &remarks);
  return remarks;
}

}  // namespace privet
