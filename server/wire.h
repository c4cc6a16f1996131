// Between the contract's messages and the pipeline's types.
#ifndef PRIVET_SERVER_WIRE_H_
#define PRIVET_SERVER_WIRE_H_

#include <privet/v1/privet.pb.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "pipeline/detector.h"
#include "pipeline/load.h"
#include "pipeline/policy.h"
#include "pipeline/redactor.h"

namespace privet {

Policy FromWire(const v1::Policy& policy);

// Errors name the field, relative to the request: "redactions[PHONE_NUMBER].mask_with".
absl::StatusOr<RedactionPlan> FromWire(const v1::RedactRequest& request, const std::string& hash_key);

// Ranges in all three units; evidence and quotes only where the policy asks for them.
v1::DetectResponse ToWire(std::string_view text, const Detection& detection, const v1::Policy& policy);

void FillReplacements(std::string_view text, const RedactedText& redacted, v1::RedactResponse* response);

v1::Treatment ToWire(Treatment treatment);

// What could be found and how sure a caller may ask to be: bundle, types and operating points.
void FillContents(const PipelineContents& contents, v1::InfoResponse* response);

}  // namespace privet

#endif  // PRIVET_SERVER_WIRE_H_
