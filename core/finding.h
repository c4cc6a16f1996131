// What the parts of the pipeline hand one another: evidence, candidates and findings.
#ifndef PRIVET_CORE_FINDING_H_
#define PRIVET_CORE_FINDING_H_

#include <string>
#include <vector>

#include "core/span.h"
#include "core/taxonomy.h"

namespace privet {

// A context word near a match and how far it moved the score, in logits (positive: more likely).
struct ContextHit {
  std::string word;
  double shift = 0;
};

// Why one source proposed a span. Holds no text of the document but the rule's own words.
struct Evidence {
  std::string source;     // rule id, "custom:NAME", "deny:INDEX", "model:stage1", "model:stage2" or "repeat"
  double score = 0;       // what this source alone gave, in [0, 1]
  std::string validator;  // name, or empty when the rule has none
  std::string validator_result;  // in words: "check digit and date hold, county code known in 1990"
  std::vector<ContextHit> context;
};

// A span that may be an entity. Candidates may overlap.
struct Candidate {
  Span span;
  EntityType type = EntityType::OTHER_ID;
  double score = 0;         // in [0, 1]
  bool conclusive = false;  // a checksum in the right form: needs no second opinion and wins overlaps
  Evidence evidence;
};

// A span that the pipeline reports. Findings of one text do not overlap and are in order of position.
struct Finding {
  Span span;
  EntityType type = EntityType::OTHER_ID;
  double score = 0;
  bool conclusive = false;
  std::vector<Evidence> evidence;  // strongest first, never empty
};

}  // namespace privet

#endif  // PRIVET_CORE_FINDING_H_
