// privet-server: reads the configuration, serves until SIGTERM, reloads on SIGHUP.
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <openssl/err.h>
#include <prometheus/exposer.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <future>
#include <iostream>
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/absl_view.h"
#include "core/available_cores.h"
#include "core/read_file.h"
#include "server/config.h"
#include "server/credentials.h"
#include "server/health.h"
#include "server/logging.h"
#include "server/service.h"

namespace privet {
namespace {

// For the log: the bundle in use and how its models run; "rules" and nothing where rules run alone. A copy,
// since whoever keeps a pipeline keeps its models in memory after a reload.
struct ModelsInUse {
  std::string bundle = "rules";
  std::string bundle_version;
  std::string compute;

  explicit ModelsInUse(const Pipeline& pipeline) : compute(pipeline.detector->compute()) {
    if (!pipeline.contents.bundle.has_value()) return;
    bundle = pipeline.contents.bundle->name;
    bundle_version = pipeline.contents.bundle->version;
  }
};

// Waits for signals until one ends the server.
void WaitForEnd(const sigset_t& signals, Engine* engine, Metrics* metrics) {
  while (true) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) {
      Log(LogLevel::Info, "stopping", {{"signal", signal}});
      return;
    }
    const absl::Status status = engine->Reload();
    metrics->CountReload(status.ok());
    if (status.ok()) {
      const ModelsInUse models(*engine->pipeline());
      Log(LogLevel::Info, "reloaded",
          {{"bundle", models.bundle}, {"bundle_version", models.bundle_version}, {"models", models.compute}});
    } else {
      Log(LogLevel::Error, "reload_failed",
          {{"kept", "what was loaded"}, {"reason", StdView(status.message())}});
    }
  }
}

// What gRPC last complained of on this thread before the server listened. BuildAndStart gives its reason in
// no other way.
std::string& StartComplaint() {
  thread_local std::string complaint;
  return complaint;
}

// The innermost reason of a gRPC error: "UNKNOWN:No address added {..., children:[UNKNOWN:Address already in
// use {syscall:...}]}".
std::string_view InnermostReason(std::string_view error) {
  constexpr std::string_view kCode = "UNKNOWN:";
  const size_t code = error.rfind(kCode);
  if (code != std::string_view::npos) error.remove_prefix(code + kCode.size());
  return error.substr(0, error.find(" {"));
}

// Libraries log to stderr in forms of their own. Protobuf repeats what ExplainParseFailure says. What gRPC
// says before the server listens is for the error that ends it.
void QuietLibraries() {
  google::protobuf::SetLogHandler(nullptr);
  gpr_set_log_function([](gpr_log_func_args* line) {
    if (line->severity == GPR_LOG_SEVERITY_ERROR) StartComplaint() = line->message;
  });
}

// OpenSSL's reason for a handshake that failed ("peer did not return a certificate"), or nothing. gRPC quotes
// it as "error:CODE:...", and words of OpenSSL's own stand for each code.
std::string_view TlsReason(std::string_view complaint) {
  constexpr std::string_view kMark = "error:";
  constexpr size_t kDigits = 8;
  const size_t at = complaint.find(kMark);
  uint32_t code = 0;
  if (at == std::string_view::npos ||
      !absl::SimpleHexAtoi(AbslView(complaint.substr(at + kMark.size(), kDigits)), &code)) {
    return {};
  }
  const char* const reason = ERR_reason_error_string(code);
  return reason == nullptr ? std::string_view() : reason;
}

// From now on gRPC's lines join ours, but not their words: they may repeat what a caller sent.
void LogPlacesOfComplaints() {
  gpr_set_log_function([](gpr_log_func_args* line) {
    if (line->severity != GPR_LOG_SEVERITY_ERROR) return;
    const std::string_view path = line->file;
    Log(LogLevel::Warning, "grpc",
        {{"file", path.substr(path.rfind('/') + 1)},
         {"line", int64_t{line->line}},
         {"reason", TlsReason(line->message)}});
  });
}

// Takes no more calls, gives those in flight so long and cancels the rest. Returns how many these were.
size_t Drain(grpc::Server* server, const Admission& admission, std::chrono::seconds patience) {
  // gRPC cancels a moment after the calls are counted, else the first would be gone by then.
  const auto end = std::chrono::system_clock::now() + patience;
  const std::future<void> drained = std::async(
      std::launch::async, [server, end] { server->Shutdown(end + std::chrono::milliseconds(20)); });
  const bool in_time = drained.wait_until(end) == std::future_status::ready;
  const size_t cancelled = in_time ? 0 : admission.calls_in_flight();
  drained.wait();
  server->Wait();
  return cancelled;
}

absl::Status Serve(const ServerConfig& config) {
  QuietLibraries();
  // Blocked before any thread starts, so that only WaitForEnd takes them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  Metrics metrics;  // outlives the models' thread
  ModelOptions models = config.models();
  models.observer = [&metrics, most_tokens = static_cast<size_t>(models.batch_tokens)](
                        const ForwardBatch& batch) { metrics.CountForward(batch, most_tokens); };
  const absl::StatusOr<PipelineFolders> folders = config.folders();
  if (!folders.ok()) return folders.status();
  auto engine = Engine::Load(*folders, models, config.limits());
  if (!engine.ok()) return engine.status();
  const absl::StatusOr<std::string> hash_key = ReadHashKey(config);
  if (!hash_key.ok()) return hash_key.status();
  const auto credentials = ReadTlsFiles(config);
  if (!credentials.ok()) return credentials.status();
  if (const absl::Status dates = CheckCertificateDates(config, absl::Now()); !dates.ok())
    Log(LogLevel::Warning, "certificate", {{"reason", StdView(dates.message())}});

  std::unique_ptr<prometheus::Exposer> exposer;
  if (config.metrics_port >= 0) {
    try {
      exposer = std::make_unique<prometheus::Exposer>(
          absl::StrCat(config.metrics_address, ":", config.metrics_port), 1);
    } catch (const std::exception&) {
      return absl::UnavailableError(
          absl::StrCat("metrics: cannot listen on ", config.metrics_address, ":", config.metrics_port,
                       "; choose others with --metrics-address and --metrics-port"));
    }
    exposer->RegisterCollectable(metrics.registry());
  }
  Admission admission(static_cast<size_t>(config.max_in_flight),
                      static_cast<size_t>(config.max_in_flight_bytes));
  // With models most workers wait for the device, and the more wait the fuller its batches are.
  const size_t workers_a_core = folders->bundle.empty() ? 1 : 8;
  const auto cores = static_cast<size_t>(AvailableCores());
  WorkerPool workers(config.workers > 0 ? static_cast<size_t>(config.workers) : workers_a_core * cores);
  PrivetService service({config, **engine, admission, workers, metrics, *hash_key});

  HealthService health;
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(static_cast<int>(config.max_message_bytes));
  builder.SetMaxSendMessageSize(-1);
  // A second server on the port of a running one must fail, not share its calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  int port = 0;
  builder.AddListeningPort(absl::StrCat(config.listen_address, ":", config.listen_port), *credentials, &port);
  builder.RegisterService(&service);
  builder.RegisterService(&health);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", config.listen_address, ":",
                                               config.listen_port, ": ",
                                               AbslView(InnermostReason(StartComplaint())),
                                               "; choose others with --listen-address and --listen-port"));
  }
  LogPlacesOfComplaints();
  if (!config.listen_port_file.empty()) {
    std::ofstream file(config.listen_port_file);
    file << port << "\n";
    file.flush();
    if (!file) {
      return absl::UnavailableError(absl::StrCat("listen.port_file: ", config.listen_port_file,
                                                 ": cannot be written: ", std::strerror(errno)));
    }
  }
  const ModelsInUse in_use(*(*engine)->pipeline());
  Log(LogLevel::Info, "listening",
      {{"address", config.listen_address},
       {"port", port},
       {"metrics_port", exposer == nullptr || exposer->GetListeningPorts().empty()
                            ? int64_t{-1}
                            : int64_t{exposer->GetListeningPorts().front()}},
       {"version", PRIVET_VERSION},
       {"bundle", in_use.bundle},
       {"bundle_version", in_use.bundle_version},
       {"models", in_use.compute}});
  WaitForEnd(signals, engine->get(), &metrics);
  health.End();
  const size_t cancelled = Drain(server.get(), admission, std::chrono::seconds(config.drain_seconds));
  Log(cancelled == 0 ? LogLevel::Info : LogLevel::Warning, "stopped",
      {{"cancelled", static_cast<int64_t>(cancelled)}});
  return absl::OkStatus();
}

constexpr int kFailed = 2;

int Fail(const absl::Status& status) {
  std::cerr << "privet-server: " << status.message() << "\n";
  return kFailed;
}

// The exit code of what was to be printed.
int Printed() {
  std::cout.flush();
  return std::cout.good() ? 0 : Fail(absl::DataLossError("stdout: cannot be written"));
}

// Reads all that the configuration names, but no weights, and listens to nothing.
absl::Status CheckFiles(const ServerConfig& config) {
  const absl::StatusOr<PipelineFolders> folders = config.folders();
  if (!folders.ok()) return folders.status();
  if (const auto contents = ReadContents(*folders); !contents.ok()) return contents.status();
  if (const auto credentials = ReadTlsFiles(config); !credentials.ok()) return credentials.status();
  if (absl::Status dates = CheckCertificateDates(config, absl::Now()); !dates.ok()) return dates;
  return ReadHashKey(config).status();
}

int Main(int argc, char** argv) {
  ServerConfig config;
  std::string config_file, check_file;
  bool describe_configuration = false, describe_metrics = false;
  CLI::App app("Serves Privet over gRPC. Every configuration key is also a flag; a flag wins over the file.");
  app.set_version_flag("--version", PRIVET_VERSION);
  app.add_option("--config", config_file, "YAML configuration file");
  app.add_option("--check-config", check_file,
                 "check a configuration file and the files that it names, and exit");
  app.add_flag("--describe-configuration", describe_configuration,
               "print all configuration keys as Markdown");
  app.add_flag("--describe-metrics", describe_metrics, "print all metrics as Markdown");

  // Flags are kept apart until the file is read, so that they win whatever the order.
  ServerConfig flags;
  std::vector<std::pair<const ConfigKey*, CLI::Option*>> options;
  for (const ConfigKey& key : ConfigKeys()) {
    const std::string description(key.description);
    std::visit(
        [&](auto field) {
          options.emplace_back(&key, app.add_option(FlagOf(key), flags.*field, description));
        },
        key.field);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    return Fail(absl::InvalidArgumentError(error.what()));
  }

  if (describe_configuration) std::cout << DescribeConfiguration();
  if (describe_metrics) std::cout << DescribeMetrics();
  if (describe_configuration || describe_metrics) return Printed();
  const std::string& file = check_file.empty() ? config_file : check_file;
  if (!file.empty()) {
    const absl::StatusOr<std::string> content = ReadFile(file);
    if (!content.ok()) return Fail(content.status());
    if (absl::Status status = ReadConfig(*content, file, &config); !status.ok()) return Fail(status);
  }
  for (const auto& [key, option] : options) {
    if (option->count() > 0) std::visit([&](auto field) { config.*field = flags.*field; }, key->field);
  }
  if (absl::Status status = CheckConfig(config); !status.ok()) return Fail(status);
  if (!check_file.empty()) {
    if (absl::Status status = CheckFiles(config); !status.ok()) return Fail(status);
    std::cout << check_file << ": ok\n";
    return Printed();
  }
  const absl::Status status = Serve(config);
  return status.ok() ? 0 : Fail(status);
}

}  // namespace
}  // namespace privet

int main(int argc, char** argv) { return privet::Main(argc, argv); }
