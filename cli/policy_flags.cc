#include "cli/policy_flags.h"

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/read_file.h"
#include "core/yaml_reader.h"

namespace privet {
namespace {

// A YAML list of {name, type, pattern, score, context_words}.
absl::StatusOr<std::vector<CustomRule>> ReadCustomRules(const std::string& path) {
  const absl::StatusOr<std::string> content = ReadFile(path);
  if (!content.ok()) return content.status();
  const absl::StatusOr<YAML::Node> root = ParseYaml(*content, path);
  if (!root.ok()) return root.status();
  std::vector<CustomRule> rules;
  const std::vector<YAML::Node> nodes = root->IsSequence()
                                            ? std::vector<YAML::Node>(root->begin(), root->end())
                                            : std::vector<YAML::Node>{*root};
  for (const YAML::Node& node : nodes) {
    YamlMapping mapping(node, path, "custom rule");
    CustomRule rule;
    rule.name = mapping.String("name");
    rule.type = mapping.String("type", rule.type);
    rule.pattern = mapping.String("pattern");
    rule.score = mapping.Number("score", rule.score);
    rule.context_words = mapping.Strings("context_words");
    if (absl::Status status = mapping.Finish(); !status.ok()) return status;
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace

void PolicyFlags::AddTo(CLI::App* command) {
  const char* group = "What to find";
  // Each takes one value a flag: what stands behind is a file.
  command->add_option("--types", types_, "entity types, comma separated; `privet info` lists them")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group(group);
  command
      ->add_option("--operating-point", operating_point_,
                   "high_recall, balanced or high_precision; a bundle may have others")
      ->group(group);
  command->add_option("--min-score", min_scores_, "least score, or TYPE=SCORE for one type; may repeat")
      ->allow_extra_args(false)
      ->group(group);
  command->add_option("--allow", allow_, "value that is never reported; may repeat")
      ->allow_extra_args(false)
      ->group(group);
  command->add_option("--allow-pattern", allow_patterns_, "RE2 pattern of such values; may repeat")
      ->allow_extra_args(false)
      ->group(group);
  command->add_option("--deny", deny_, "value that is always reported; may repeat")
      ->allow_extra_args(false)
      ->group(group);
  command->add_option("--deny-pattern", deny_patterns_, "RE2 pattern of such values; may repeat")
      ->allow_extra_args(false)
      ->group(group);
  command
      ->add_option("--custom-rules", custom_rules_file_,
                   "YAML list of rules: name, type, pattern, score, context_words")
      ->group(group);
  command->add_option("--max-findings", max_findings_, "at most so many findings a text")->group(group);
  group = "Where to work";
  command->add_option("--packs", packs_, "folder of rule packs in place of those built in")->group(group);
  command
      ->add_option(
          "--bundle", bundle_,
          "models to use beside the rules: default (those that come with Privet), a bundle's folder, or "
          "none; without the flag what PRIVET_BUNDLE in the environment says")
      ->default_str(kDefaultBundle)
      ->group(group);
  command
      ->add_option("--device", models_.device,
                   "where the bundle's models compute: auto (CUDA where there is), cpu, cuda or cuda:N")
      ->capture_default_str()
      ->group(group);
  command
      ->add_option(
          "--precision", models_.precision,
          "numbers that models compute with: auto (the fastest that the device does well), fp32, bf16 "
          "or int8")
      ->capture_default_str()
      ->group(group);
  command->add_option("--jobs", jobs_, "threads; 0 is one for each core")
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  command->add_option("--server", connection_.server, "ADDRESS of a privet-server to ask instead")
      ->group(group);
  command->add_option("--tls-ca", connection_.tls_ca_file, "PEM certificates to trust; switches TLS on")
      ->group(group);
  command->add_option("--tls-cert", connection_.tls_certificate_file, "PEM certificate to show the server")
      ->group(group);
  command->add_option("--tls-key", connection_.tls_key_file, "PEM key of that certificate")->group(group);
  command
      ->add_option("--timeout", connection_.timeout_seconds, "seconds that one call to the server may take")
      ->capture_default_str()
      ->group(group);
}

absl::StatusOr<Policy> PolicyFlags::ToPolicy() const {
  Policy policy;
  policy.types = types_;
  policy.operating_point = operating_point_;
  policy.max_findings = max_findings_;
  for (const std::string& item : min_scores_) {
    const size_t equals = item.find('=');
    double score = 0;
    if (!absl::SimpleAtod(equals == std::string::npos ? item : item.substr(equals + 1), &score)) {
      return absl::InvalidArgumentError("--min-score: must be a number, or TYPE=NUMBER");
    }
    if (equals == std::string::npos) {
      policy.min_score = score;
    } else {
      policy.min_score_by_type[item.substr(0, equals)] = score;
    }
  }
  const auto add = [](const std::vector<std::string>& values, ListEntry::Kind kind,
                      std::vector<ListEntry>* entries) {
    for (const std::string& value : values) entries->push_back({kind, value, ""});
  };
  add(allow_, ListEntry::Kind::Exact, &policy.allow);
  add(allow_patterns_, ListEntry::Kind::Pattern, &policy.allow);
  add(deny_, ListEntry::Kind::Exact, &policy.deny);
  add(deny_patterns_, ListEntry::Kind::Pattern, &policy.deny);
  if (!custom_rules_file_.empty()) {
    absl::StatusOr<std::vector<CustomRule>> rules = ReadCustomRules(custom_rules_file_);
    if (!rules.ok()) return rules.status();
    policy.custom_rules = *std::move(rules);
  }
  return policy;
}

absl::Status PolicyFlags::CheckFolders() const {
  if (!remote()) return absl::OkStatus();
  for (const auto& [flag, given] :
       {std::pair{"--packs", !packs_.empty()}, std::pair{"--bundle", !bundle_.empty()}}) {
    if (!given) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(flag, ": a server has its own; leave out one of ", flag, " and --server"));
  }
  return absl::OkStatus();
}

absl::StatusOr<PipelineFolders> PolicyFlags::Folders() const {
  const char* const named = std::getenv("PRIVET_BUNDLE");
  const std::string otherwise = named == nullptr || *named == '\0' ? kDefaultBundle : named;
  absl::StatusOr<std::filesystem::path> bundle =
      BundleNamed(bundle_.empty() ? otherwise : bundle_, bundle_.empty() ? "PRIVET_BUNDLE" : "--bundle");
  if (!bundle.ok()) return bundle.status();
  return PipelineFolders{packs_, *std::move(bundle)};
}

absl::StatusOr<std::unique_ptr<Backend>> PolicyFlags::NewBackend() const {
  absl::StatusOr<Policy> policy = ToPolicy();
  if (!policy.ok()) return policy.status();
  if (absl::Status status = CheckFolders(); !status.ok()) return status;
  if (remote()) return NewRemoteBackend(*policy, connection_);
  const absl::StatusOr<PipelineFolders> folders = Folders();
  if (!folders.ok()) return folders.status();
  return NewLocalBackend(*policy, *folders, models_, jobs_);
}

absl::StatusOr<Capabilities> PolicyFlags::Describe() const {
  if (absl::Status status = CheckFolders(); !status.ok()) return status;
  if (remote()) return DescribeServer(connection_);
  const absl::StatusOr<PipelineFolders> folders = Folders();
  if (!folders.ok()) return folders.status();
  return DescribeLocal(*folders);
}

}  // namespace privet
