// data audit|convert|inspect|split|synthesize
#include <string>
#include <utility>
#include <vector>

#include "training/commands.h"

namespace privet {

TrainerCommand AddData(CLI::App* app) {
  CLI::App* const data = app->add_subcommand("data", "works on annotated text");
  data->require_subcommand(1);
  const std::vector<std::pair<std::string, TrainerCommand>> verbs = {
      {"convert", AddDataConvert(data)},  //
      {"inspect", AddDataInspect(data)},  //
      {"audit", AddDataAudit(data)},      //
      {"split", AddDataSplit(data)},      //
      {"synthesize", AddDataSynthesize(data)},
  };
  return [data, verbs] {
    for (const auto& [name, run] : verbs) {
      if (data->got_subcommand(name)) return run();
    }
    return static_cast<int>(kTrainerFailed);  // CLI11 asks for one
  };
}

}  // namespace privet
