// What Prometheus sees. No label ever holds text of a caller.
#ifndef PRIVET_SERVER_METRICS_H_
#define PRIVET_SERVER_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "pipeline/detector.h"
#include "pipeline/forward_queue.h"

namespace privet {

// One object a process. Thread-safe.
class Metrics {
 public:
  Metrics();

  void CountCall(std::string_view method, std::string_view code, absl::Duration duration);
  void CountText(size_t bytes, const Detection& detection);
  void CountQueueWait(absl::Duration wait);
  // `most_tokens` is what a batch may have.
  void CountForward(const ForwardBatch& batch, size_t most_tokens);
  void CountRejected(std::string_view reason);
  void CountReload(bool succeeded);
  void SetInFlight(size_t calls);

  const std::shared_ptr<prometheus::Registry>& registry() const { return registry_; }

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& request_seconds_;
  prometheus::Family<prometheus::Counter>& findings_;
  prometheus::Family<prometheus::Counter>& rejected_;
  prometheus::Family<prometheus::Counter>& reloads_;
  prometheus::Counter& texts_;
  prometheus::Counter& text_bytes_;
  prometheus::Gauge& in_flight_;
  prometheus::Histogram& queue_seconds_;
  prometheus::Histogram& rule_seconds_;

  // Of one learned stage.
  struct StageMetrics {
    prometheus::Counter* windows;
    prometheus::Counter* dropped_windows;
    prometheus::Histogram* wait_seconds;
    prometheus::Histogram* forward_seconds;
    prometheus::Histogram* batch_tokens;
    prometheus::Histogram* batch_fill;
  };
  std::array<StageMetrics, 2> stages_;  // by LearnedStages::kStage1 and kStage2
};

// A Markdown table of all metrics with type, labels and meaning.
std::string DescribeMetrics();

}  // namespace privet

#endif  // PRIVET_SERVER_METRICS_H_
