// How many requests a second a privet-server answers, and how long they take: first as many as it can do
// (closed loop), then at half that rate with calls that come at random times (open loop). Starts a server of
// its own, or takes one that runs on this machine.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "load.h"
#include "server_process.h"

namespace privet::bench {
namespace {

// Invented; numbers are of ranges set aside for documentation, or fail their check.
constexpr const char* kSamples[] = {
    "请联系王小明，电话13800138000，或发邮件到wang@example.com。",
    "会议改到下周三下午三点，地点不变，请提前十分钟到场。",
    "Please call Alice Smith at +1 202-555-0143 before Friday.",
    "收货地址：北京市海淀区成府路甲1号3号楼502室，邮编100084。",
    "The build failed again on the second stage; see the log for details.",
    "服务器192.0.2.15在今天凌晨重启过一次，原因还在查。",
    "订单已发货，快递单号见附件，如有问题请回复本邮件。",
    "My card number is 4111 1111 1111 1111, it expires next March.",
    "张经理说预算可以再谈，但是交付日期不能再推了。",
    "Thanks for the quick reply, I will send the signed form tomorrow.",
    "身份证号11010519491231002X，请核对后尽快办理。",
    "Ship it to 12 Example Street, Springfield, and leave it with the porter.",
};

struct Flags {
  std::string address;
  std::string server_program;
  std::string bundle = "default";
  std::vector<std::string> server_flags;
  std::string texts_file;
  double seconds = 30;
  size_t in_flight = 32;
  double rate = 0;
  bool json = false;
};

absl::StatusOr<std::vector<std::string>> ReadTexts(const std::string& file) {
  if (file.empty()) return std::vector<std::string>(std::begin(kSamples), std::end(kSamples));
  constexpr size_t kMostTexts = 100000;
  std::ifstream in(file, std::ios::binary);
  std::vector<std::string> texts;
  for (std::string line; texts.size() < kMostTexts && std::getline(in, line);) {
    if (!line.empty()) texts.push_back(line);
  }
  if (texts.empty()) return absl::NotFoundError(absl::StrCat(file, ": cannot be read, or has no lines"));
  return texts;
}

// A load is for machines of one's own.
bool IsLoopback(const std::string& address) {
  for (const char* prefix : {"127.0.0.1:", "localhost:", "[::1]:"}) {
    if (absl::StartsWith(address, prefix)) return true;
  }
  return false;
}

// Never deleted: when the last channel goes, gRPC 1.51 ends its callback threads, and now and then while one
// is still at work, which is a segmentation fault.
const LoadTarget& Connect(const std::string& address, const std::vector<std::string>& texts) {
  constexpr size_t kConnections = 4;
  LoadTarget& target = *new LoadTarget;
  for (size_t i = 0; i < kConnections; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    target.stubs.push_back(v1::Privet::NewStub(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments)));
  }
  for (const std::string& text : texts) target.requests.emplace_back().set_text(text);
  return target;
}

// The bundle's name, "rules" without models.
absl::StatusOr<std::string> ServedBundle(const LoadTarget& target) {
  v1::InfoResponse info;
  for (const auto& stub : target.stubs) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    const grpc::Status status = stub->Info(&context, v1::InfoRequest(), &info);
    if (!status.ok()) return absl::UnavailableError(absl::StrCat("no answer: ", status.error_message()));
  }
  return info.bundle().name();
}

struct Phase {
  std::string name;
  std::string load;
  double offered_per_second = 0;  // of an open loop
  LoadResult result;
  std::optional<double> server_cpu_ms;  // a request

  nlohmann::ordered_json ToJson() const {
    nlohmann::ordered_json json = {{"name", name}, {"requests_per_second", result.requests_per_second}};
    if (offered_per_second > 0) json["offered_per_second"] = offered_per_second;
    json["latency_ms"] = {{"p50", result.PercentileMs(0.5)},
                          {"p90", result.PercentileMs(0.9)},
                          {"p99", result.PercentileMs(0.99)},
                          {"max", result.PercentileMs(1)}};
    if (server_cpu_ms.has_value()) json["server_cpu_ms_per_request"] = *server_cpu_ms;
    json["errors"] = nlohmann::ordered_json::object();
    for (const auto& [code, count] : result.errors) json["errors"][code] = count;
    return json;
  }

  void Print() const {
    std::printf("%-10s  %-20s %10.0f  %8.2f %8.2f %8.2f %8.2f  %10s ", name.c_str(), load.c_str(),
                result.requests_per_second, result.PercentileMs(0.5), result.PercentileMs(0.9),
                result.PercentileMs(0.99), result.PercentileMs(1),
                server_cpu_ms.has_value() ? absl::StrFormat("%.3f", *server_cpu_ms).c_str() : "-");
    for (const auto& [code, count] : result.errors)
      std::printf(" %s %lld", code.c_str(), static_cast<long long>(count));
    std::printf("%s\n", result.errors.empty() ? " none" : "");
  }
};

absl::Status Run(const Flags& flags) {
  const auto texts = ReadTexts(flags.texts_file);
  if (!texts.ok()) return texts.status();
  if (!flags.address.empty() && !IsLoopback(flags.address)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--address ", flags.address, ": a load goes to this machine only, such as 127.0.0.1:8750"));
  }
  std::unique_ptr<ServerProcess> process;
  if (flags.address.empty()) {
    std::vector<std::string> server_flags = flags.server_flags;
    server_flags.insert(server_flags.end(), {"--models-bundle-dir", flags.bundle});
    constexpr double kSecondsToLoad = 120;
    auto started = ServerProcess::Start(flags.server_program, server_flags, kSecondsToLoad);
    if (!started.ok()) return started.status();
    process = *std::move(started);
  }
  const std::string address = process == nullptr ? flags.address : process->address();
  const LoadTarget& target = Connect(address, *texts);
  const absl::StatusOr<std::string> bundle = ServedBundle(target);
  if (!bundle.ok()) return absl::UnavailableError(absl::StrCat(address, ": ", bundle.status().message()));

  std::vector<Phase> phases;
  const auto measure = [&](Phase phase, const auto& load) {
    const double before = process == nullptr ? 0 : process->CpuSeconds();
    phase.result = load();
    if (process != nullptr && !phase.result.latencies_ms.empty()) {
      phase.server_cpu_ms =
          1e3 * (process->CpuSeconds() - before) / static_cast<double>(phase.result.latencies_ms.size());
    }
    phases.push_back(std::move(phase));
  };
  constexpr uint64_t kSeed = 1;
  if (flags.rate > 0) {
    RunOpenLoop(target, flags.rate, 0.1 * flags.seconds, kSeed);  // to warm up
    measure({"given rate", "", flags.rate, {}, {}},
            [&] { return RunOpenLoop(target, flags.rate, 0.9 * flags.seconds, kSeed + 1); });
  } else {
    RunClosedLoop(target, flags.in_flight, 0.1 * flags.seconds);
    measure({"saturation", absl::StrCat(flags.in_flight, " calls at once"), 0, {}, {}},
            [&] { return RunClosedLoop(target, flags.in_flight, 0.4 * flags.seconds); });
    const double half = phases.front().result.requests_per_second / 2;
    if (half <= 0) return absl::UnavailableError("no call was answered with OK at saturation");
    measure({"half load", "", half, {}, {}},
            [&] { return RunOpenLoop(target, half, 0.5 * flags.seconds, kSeed); });
  }

  size_t bytes = 0;
  for (const std::string& text : *texts) bytes += text.size();
  const size_t mean_bytes = bytes / texts->size();
  const unsigned cores = std::thread::hardware_concurrency();
  if (flags.json) {
    nlohmann::ordered_json json = {{"address", address},
                                   {"bundle", *bundle},
                                   {"texts", texts->size()},
                                   {"mean_bytes", mean_bytes},
                                   {"cores", cores}};
    for (const Phase& phase : phases) json["loads"].push_back(phase.ToJson());
    std::cout << json.dump() << "\n";
    return absl::OkStatus();
  }
  std::printf("%s, bundle %s; %zu texts of %zu bytes in the mean; client and server share %u cores\n\n",
              address.c_str(), bundle->c_str(), texts->size(), mean_bytes, cores);
  std::printf("%-10s  %-20s %10s  %8s %8s %8s %8s  %10s  %s\n", "load", "", "requests/s", "p50 ms", "p90 ms",
              "p99 ms", "max ms", "CPU ms/req", "errors");
  for (Phase& phase : phases) {
    if (phase.load.empty()) phase.load = absl::StrFormat("Poisson, %.0f/s", phase.offered_per_second);
    phase.Print();
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Flags flags;
  std::error_code ignored;
  flags.server_program =
      (std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "privet-server").string();
  CLI::App app(
      "Measures a privet-server: requests a second at saturation, latency there and at half that rate.");
  app.add_option("--address", flags.address, "a running server on this machine; without it one is started");
  app.add_option("--server-program", flags.server_program, "the server to start")->capture_default_str();
  app.add_option("--bundle", flags.bundle, "model bundle of the server to start: default, a folder, or none")
      ->capture_default_str();
  app.add_option("--server-flag", flags.server_flags,
                 "a flag for the server to start, such as --models-precision=fp32");
  app.add_option("--texts", flags.texts_file, "file with a text a line in place of the invented samples");
  app.add_option("--seconds", flags.seconds, "of load in all")
      ->check(CLI::Range(1.0, 600.0))
      ->capture_default_str();
  app.add_option("--in-flight", flags.in_flight, "calls at once at saturation")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app.add_option("--rate", flags.rate, "only this open load, in requests a second")
      ->check(CLI::Range(0.1, 1e6));
  app.add_flag("--json", flags.json, "write one JSON object");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(flags);
  if (status.ok()) return 0;
  std::cerr << "privet-bench-server: " << status.message() << "\n";
  return 2;
}

}  // namespace
}  // namespace privet::bench

int main(int argc, char** argv) { return privet::bench::Main(argc, argv); }
