// The contract's messages as the command line's own values, and back.
#ifndef PRIVET_CLI_WIRE_H_
#define PRIVET_CLI_WIRE_H_

#include <grpcpp/support/status.h>
#include <privet/v1/privet.pb.h>

#include "absl/status/status.h"
#include "pipeline/bundle_manifest.h"
#include "pipeline/detector.h"
#include "pipeline/limits.h"
#include "pipeline/offer.h"
#include "pipeline/policy.h"
#include "pipeline/redactor.h"

namespace privet {

// Asks for evidence, never for quotes: the texts are here.
v1::Policy ToWire(const Policy& policy);
v1::Redaction ToWire(const Redaction& redaction);

absl::Status FromGrpc(const grpc::Status& status);
Detection FromWire(const v1::DetectResponse& response);
Treatment FromWire(v1::Treatment treatment);
OperatingPoint FromWire(const v1::OperatingPoint& wire);
Limits FromWire(const v1::Limits& wire);
// Without the folders, which a server keeps to itself.
BundleManifest FromWire(const v1::Bundle& wire);

}  // namespace privet

#endif  // PRIVET_CLI_WIRE_H_
