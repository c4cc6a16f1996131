// Rule packs: YAML files that say what has a form. docs/rules.md teaches them; this is the parsed shape.
#ifndef PRIVET_RULES_PACK_H_
#define PRIVET_RULES_PACK_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"

namespace privet {

// Words that move a rule's score when they stand near a match. A negative strength pulls down.
struct ContextGroup {
  std::vector<std::string> words;  // matched without case; ASCII words only where no letter continues them
  double strength = 0;             // in logits
  int window = 24;                 // code points between word and match, at most
};

// What must be near before a rule's patterns run at all. Every rule has one, so that text without it costs
// nothing.
struct Gate {
  // A number of at least so many digits (separators allowed), or 0. Where the gate asks for digits alone,
  // what is a date, a time or an IPv4 address by its shape is no number.
  int min_digits = 0;
  // A number of at least so many digits right behind a word or a word and a space, or 0. Patterns of such a
  // rule that begin with a letter match only from the start of that word on.
  int min_lettered = 0;
  int min_runs = 0;         // so many runs of digits, each joined by one '-', '.' or '/', or 0
  bool clock = false;       // a digit, ':' and two digits
  int min_token = 0;        // a run of at least so many ASCII letters and digits, one digit among them, or 0
  bool hex_groups = false;  // hexadecimal groups joined by ':', '-' or '.', as in MAC addresses
  std::vector<std::string>
      literals;  // at least one of these (lower case, simplified characters); empty: no demand

  friend bool operator==(const Gate&, const Gate&) = default;
};

// What may stand directly next to a match, so that a long token is never found in pieces.
enum class Boundary {
  Number,   // no ASCII letter or digit, nor a digit behind a '-' or '.'
  Address,  // as Number, and no name and '/' or '-' before four numbers that look like its version
  Digit,    // no digit; letters may touch (QQ号12345abc)
  Word,     // no ASCII letter or digit; Han characters may touch
  None,
};

struct RuleSpec {
  std::string id;
  EntityType type = EntityType::OTHER_ID;
  std::vector<std::string>
      patterns;           // RE2 on the normalised view; the first capture group, if any, is the span
  std::string validator;  // a name of rules/validators.h, or empty
  // What the validator reads: the reported span, or all that the pattern matched around it.
  bool validates_whole = false;
  // A full-width sign (，（！) or a long dash ends the value, though folding made ASCII of it.
  bool ends_at_wide_sign = false;
  double score = 0.5;  // of a match that the validator accepts, before context
  Gate gate;
  Boundary boundary = Boundary::Word;
  bool multiline = false;  // may span lines (key blocks); its gate must name literals
  std::vector<ContextGroup> context;
  // Names of table columns (lower case, simplified characters): the rule reads nothing but the cells below
  // such a header, which then are the literals of its gate (rules/table_columns.h).
  std::vector<std::string> columns;
  std::vector<std::string> match_examples;  // each gives a finding of this rule at the default threshold,
                                            // with the span between ⟦ and ⟧, or the whole text without marks
  std::vector<std::string> no_match_examples;  // none gives a finding of this rule at the default threshold
  int line = 0;                                // where the rule starts in its file; 0 for a rule of a request
  std::vector<int> pattern_lines;              // where each pattern stands
};

struct Pack {
  std::string name;       // "cn_contact"
  std::string file_name;  // as errors show it
  std::vector<RuleSpec> rules;
};

struct PackSource {
  std::string file_name;  // "rules/packs/cn_contact.yaml"
  std::string content;
};

// Parses packs. Macros and context groups that a file named common.yaml defines are visible in all of them;
// other files' only in themselves. Errors read "FILE:LINE: rule 'ID': REASON" and are INVALID_ARGUMENT.
absl::StatusOr<std::vector<Pack>> ParsePacks(std::span<const PackSource> sources);

// The packs that are built into the binary, in order of file name.
std::vector<PackSource> BuiltInPacks();

// Every *.yaml of a folder, in order of file name; NOT_FOUND when there is none.
absl::StatusOr<std::vector<PackSource>> ReadPackFolder(const std::string& folder);

}  // namespace privet

#endif  // PRIVET_RULES_PACK_H_
