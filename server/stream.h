#ifndef PRIVET_SERVER_STREAM_H_
#define PRIVET_SERVER_STREAM_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "server/service.h"

namespace privet {

// One StreamDetect call. It takes one place of admission for its whole life, which is as long as the client
// likes, but for its deadline and for `admission.max_stream_idle_seconds`: where no text comes for so long
// while no answer is due, the stream ends with DEADLINE_EXCEEDED, and where the client does not take an
// answer for so long, it is cancelled. It works on at most `admission.max_stream_in_flight` texts at a time
// and reads no further until one of them is answered and sent, so a client that does not read is not read
// from either. A message counts among the bytes in flight until it was worked on; where there is no room for
// them it waits, and the stream is not read meanwhile, so one message a stream is all that is held without
// being counted. Deletes itself when the call is over.
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* NewDetectStream(
    const ServiceParts& parts, grpc::CallbackServerContext* context);

}  // namespace privet

#endif  // PRIVET_SERVER_STREAM_H_
