#include "server/metrics.h"

#include <prometheus/detail/builder.h>

#include <array>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/taxonomy.h"

namespace privet {
namespace {

struct MetricSpec {
  const char* name;
  const char* type;
  const char* labels;
  const char* help;
};

enum MetricIndex {
  kRequests,
  kRequestSeconds,
  kTexts,
  kTextBytes,
  kFindings,
  kInFlight,
  kQueueSeconds,
  kRuleSeconds,
  kRejected,
  kReloads,
  kStageWindows,
  kStageDroppedWindows,
  kStageWaitSeconds,
  kForwardSeconds,
  kForwardTokens,
  kForwardFill,
  kBuild,
  kMetricCount
};

constexpr std::array<MetricSpec, kMetricCount> kMetrics = {{
    {"privet_requests_total", "counter", "method, code", "Calls answered, by method and gRPC code"},
    {"privet_request_seconds", "histogram", "method", "From the request's arrival to the answer"},
    {"privet_texts_total", "counter", "", "Texts that were worked on; a batch or stream has many"},
    {"privet_text_bytes_total", "counter", "", "Bytes of these texts"},
    {"privet_findings_total", "counter", "type", "Findings reported, by entity type"},
    {"privet_in_flight", "gauge", "", "Calls taken on and not yet answered"},
    {"privet_queue_seconds", "histogram", "", "From admission to the start of work"},
    {"privet_rule_seconds", "histogram", "", "Time of one text in the rules engine"},
    {"privet_rejected_total", "counter", "reason",
     "Calls turned away at once because calls or bytes in flight were at their bound"},
    {"privet_reloads_total", "counter", "result", "Reloads of rule packs and models: ok or failed"},
    {"privet_stage_windows_total", "counter", "stage",
     "Windows of text that a stage's model read; stage 2's share of stage 1's says how much is undecided"},
    {"privet_stage_dropped_windows_total", "counter", "stage",
     "Windows whose callers gave up before their turn; counted with the stage's next forward"},
    {"privet_stage_wait_seconds", "histogram", "stage",
     "From a window's arrival at the device's queue to its forward"},
    {"privet_forward_seconds", "histogram", "stage", "Time of one forward of a stage's model"},
    {"privet_forward_tokens", "histogram", "stage", "Tokens in one forward"},
    {"privet_forward_fill", "histogram", "stage", "The same as a share of models.batch_tokens"},
    {"privet_build_info", "gauge", "version", "Always 1; the label tells the version"},
}};

prometheus::Histogram::BucketBoundaries Seconds() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5};
}

prometheus::Histogram::BucketBoundaries ForwardSeconds() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}
prometheus::Histogram::BucketBoundaries Tokens() {
  return {16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536};
}
prometheus::Histogram::BucketBoundaries Shares() {
  return {0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1};
}

template <typename BuilderFunction>
auto& Register(BuilderFunction builder, MetricIndex index, prometheus::Registry& registry) {
  return builder().Name(kMetrics[index].name).Help(kMetrics[index].help).Register(registry);
}

}  // namespace

Metrics::Metrics()
    : registry_(std::make_shared<prometheus::Registry>()),
      requests_(Register(prometheus::BuildCounter, kRequests, *registry_)),
      request_seconds_(Register(prometheus::BuildHistogram, kRequestSeconds, *registry_)),
      findings_(Register(prometheus::BuildCounter, kFindings, *registry_)),
      rejected_(Register(prometheus::BuildCounter, kRejected, *registry_)),
      reloads_(Register(prometheus::BuildCounter, kReloads, *registry_)),
      texts_(Register(prometheus::BuildCounter, kTexts, *registry_).Add({})),
      text_bytes_(Register(prometheus::BuildCounter, kTextBytes, *registry_).Add({})),
      in_flight_(Register(prometheus::BuildGauge, kInFlight, *registry_).Add({})),
      queue_seconds_(Register(prometheus::BuildHistogram, kQueueSeconds, *registry_).Add({}, Seconds())),
      rule_seconds_(Register(prometheus::BuildHistogram, kRuleSeconds, *registry_).Add({}, Seconds())) {
  Register(prometheus::BuildGauge, kBuild, *registry_).Add({{"version", PRIVET_VERSION}}).Set(1);
  // Series exist from the start, so that a rate over them is right from the first event.
  for (const char* reason : {"calls", "bytes"}) rejected_.Add({{"reason", reason}});
  for (const char* result : {"ok", "failed"}) reloads_.Add({{"result", result}});
  for (const char* method : {"Detect", "BatchDetect", "StreamDetect", "Redact"})
    requests_.Add({{"method", method}, {"code", "INTERNAL"}});
  auto& windows = Register(prometheus::BuildCounter, kStageWindows, *registry_);
  auto& dropped = Register(prometheus::BuildCounter, kStageDroppedWindows, *registry_);
  auto& waits = Register(prometheus::BuildHistogram, kStageWaitSeconds, *registry_);
  auto& seconds = Register(prometheus::BuildHistogram, kForwardSeconds, *registry_);
  auto& tokens = Register(prometheus::BuildHistogram, kForwardTokens, *registry_);
  auto& fills = Register(prometheus::BuildHistogram, kForwardFill, *registry_);
  for (const auto& [index, name] :
       {std::pair(LearnedStages::kStage1, "1"), std::pair(LearnedStages::kStage2, "2")}) {
    const std::map<std::string, std::string> labels = {{"stage", name}};
    stages_[index] = {&windows.Add(labels),
                      &dropped.Add(labels),
                      &waits.Add(labels, ForwardSeconds()),
                      &seconds.Add(labels, ForwardSeconds()),
                      &tokens.Add(labels, Tokens()),
                      &fills.Add(labels, Shares())};
  }
}

void Metrics::CountCall(std::string_view method, std::string_view code, absl::Duration duration) {
  const std::string name(method);
  requests_.Add({{"method", name}, {"code", std::string(code)}}).Increment();
  request_seconds_.Add({{"method", name}}, Seconds()).Observe(absl::ToDoubleSeconds(duration));
}

void Metrics::CountText(size_t bytes, const Detection& detection) {
  texts_.Increment();
  text_bytes_.Increment(static_cast<double>(bytes));
  rule_seconds_.Observe(absl::ToDoubleSeconds(detection.rule_time));
  for (const Finding& finding : detection.findings) {
    findings_.Add({{"type", std::string(IdOf(finding.type))}}).Increment();
  }
}

void Metrics::CountQueueWait(absl::Duration wait) { queue_seconds_.Observe(absl::ToDoubleSeconds(wait)); }

void Metrics::CountForward(const ForwardBatch& batch, size_t most_tokens) {
  const StageMetrics& stage = stages_[batch.model];
  stage.windows->Increment(static_cast<double>(batch.windows));
  stage.dropped_windows->Increment(static_cast<double>(batch.dropped));
  stage.forward_seconds->Observe(absl::ToDoubleSeconds(batch.forward_time));
  stage.batch_tokens->Observe(static_cast<double>(batch.tokens));
  stage.batch_fill->Observe(static_cast<double>(batch.tokens) / static_cast<double>(most_tokens));
  for (const absl::Duration wait : batch.waits) stage.wait_seconds->Observe(absl::ToDoubleSeconds(wait));
}

void Metrics::CountRejected(std::string_view reason) {
  rejected_.Add({{"reason", std::string(reason)}}).Increment();
}

void Metrics::CountReload(bool succeeded) {
  reloads_.Add({{"result", succeeded ? "ok" : "failed"}}).Increment();
}

void Metrics::SetInFlight(size_t calls) { in_flight_.Set(static_cast<double>(calls)); }

std::string DescribeMetrics() {
  std::string table = "| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n";
  for (const MetricSpec& metric : kMetrics) {
    absl::StrAppend(&table, "| `", metric.name, "` | ", metric.type, " | ", metric.labels, " | ", metric.help,
                    " |\n");
  }
  return table;
}

}  // namespace privet
