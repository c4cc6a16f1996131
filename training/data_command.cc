#include <memory>
#include <vector>

#include "training/commands.h"

namespace privet {

TrainerCommand AddData(CLI::App* app) {
  CLI::App* data = app->add_subcommand("data", "make and look at training data");
  data->require_subcommand(1);
  const TrainerCommand synthesize = AddDataSynthesize(data);
  return [data, synthesize] { return data->got_subcommand("synthesize") ? synthesize() : kTrainerFailed; };
}

}  // namespace privet
