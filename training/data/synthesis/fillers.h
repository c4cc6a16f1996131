// Values for slots: names, organisations, places, addresses and numbers, drawn from lists and tables.
#ifndef PRIVET_TRAINING_DATA_SYNTHESIS_FILLERS_H_
#define PRIVET_TRAINING_DATA_SYNTHESIS_FILLERS_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "training/data/synthesis/divisions.h"
#include "training/data/synthesis/lexicon.h"
#include "training/data/synthesis/random.h"
#include "training/data/synthesis/readings.h"

namespace privet {

// A name with the parts that snippets use apart: 王 and 小明, Mary and Jones.
struct NameParts {
  std::string first;  // Chinese: surname; Latin: first name
  std::string last;   // Chinese: given name; Latin: last name
};

// The lists and tables that are part of the program, made from lists/*.txt and tables/*: see lists/README.md.
std::span<const ListSource> BuiltInLists();

// Immutable; safe to draw from by any number of threads, each with its own Random.
class Fillers {
 public:
  // From the sources: those that end in ".tsv" are the divisions, the others lists. Errors name file and
  // line.
  static absl::StatusOr<std::unique_ptr<const Fillers>> Load(std::span<const ListSource> sources);

  // The list of that name. Exits the program where none is: names in code are checked by a test.
  Lexicon::ListId ListOf(std::string_view name) const;

  // One entry of the list. Places in it lie in `place`; `brand`, where given, takes the last brand drawn.
  std::string Draw(Lexicon::ListId list, const Place& place, Random& random,
                   std::string* brand = nullptr) const;
  std::string Draw(std::string_view list, const Place& place, Random& random) const {
    return Draw(ListOf(list), place, random);
  }

  Place DrawPlace(Random& random) const { return divisions_.Draw(random); }

  NameParts ChineseName(Random& random) const;   // of the Han and those named like them
  NameParts LatinName(Random& random) const;     // first and last name of one language
  std::string PersonName(Random& random) const;  // Chinese characters, any group, now and then historical
  std::string PinyinName(Random& random) const;  // in any order and casing
  std::string MailboxName(Random& random, bool english) const;  // the part of an address before @

  const HanReadings& readings() const { return readings_; }
  const Lexicon& lexicon() const { return lexicon_; }

 private:
  Fillers(Lexicon lexicon, Divisions divisions, HanReadings readings)
      : lexicon_(std::move(lexicon)), divisions_(std::move(divisions)), readings_(std::move(readings)) {}

  struct Scene {  // what one draw knows
    const Place& place;
    Random& random;
    std::string* brand;
  };
  struct Hook {
    std::string_view name;
    void (*append)(const Fillers&, const Scene&, std::string*);
  };
  static const std::vector<Hook>& NameHooks();

  std::string From(std::string_view list, const Scene& scene) const;
  std::string PinyinGiven(Random& random) const;  // "xiaoming"

  Lexicon lexicon_;
  Divisions divisions_;
  HanReadings readings_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SYNTHESIS_FILLERS_H_
