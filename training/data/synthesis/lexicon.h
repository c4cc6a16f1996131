// Weighted lists of words and phrases that name one another: the grammar that fillers are drawn from.
// lists/README.md says how they are written.
#ifndef PRIVET_TRAINING_DATA_SYNTHESIS_LEXICON_H_
#define PRIVET_TRAINING_DATA_SYNTHESIS_LEXICON_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "training/data/synthesis/random.h"

namespace privet {

struct ListSource {
  std::string name;  // for messages: "lists/persons.txt"
  std::string content;
  bool replaces = false;  // its lists take the place of those of the same name elsewhere
};

// Immutable once parsed; safe to draw from by any number of threads, each with its own Random.
class Lexicon {
 public:
  using ListId = uint32_t;
  // Appends the value of the hook at that place of the names given to Parse.
  using HookFunction = absl::FunctionRef<void(size_t hook, std::string* out)>;

  // Errors name file and line: a list that is missing, named twice, empty or contains itself; an unknown
  // hook.
  static absl::StatusOr<Lexicon> Parse(std::span<const ListSource> sources,
                                       std::span<const std::string_view> hooks);

  std::optional<ListId> Find(std::string_view name) const;

  // Appends one entry of the list, drawn by weight, with everything in it drawn as well. Ends always: lists
  // cannot contain themselves.
  void Expand(ListId list, Random& random, HookFunction hook, std::string* out) const;

  // The text of every entry that names nothing else, in order of the sources.
  std::vector<std::string_view> PlainEntries(ListId list) const;

 private:
  enum class PartKind : uint8_t { Text, List, UniformList, Number, Characters, Hook };
  struct Part {
    PartKind kind;
    uint8_t width = 0;    // Number: digits with leading zeros
    char characters = 0;  // Characters: which set
    uint32_t low = 0;     // Text: offset; List: its id; Number, Characters: smallest; Hook: its index
    uint32_t high = 0;    // Text: length; Number, Characters: largest
  };
  struct Entry {
    uint32_t first_part;
    uint32_t part_count;
  };
  struct List {
    std::vector<Entry> entries;
    std::vector<double> cumulative;  // empty where all weigh the same
    std::string where;               // file and line of its heading
  };

  absl::Status AddSource(const ListSource& source,
                         const absl::flat_hash_map<std::string_view, uint32_t>& hooks);
  absl::Status AddEntry(std::string_view text, double weight, const std::string& where,
                        const absl::flat_hash_map<std::string_view, uint32_t>& hooks, List* list);
  absl::Status CheckLists() const;
  ListId IdOf(std::string_view name);

  std::string text_;
  std::vector<Part> parts_;
  std::vector<List> lists_;
  std::vector<std::string> names_;
  absl::flat_hash_map<std::string, ListId> ids_;
  absl::flat_hash_set<ListId> replaced_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SYNTHESIS_LEXICON_H_
