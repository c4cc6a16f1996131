// How a caller says that it no longer waits for an answer.
#ifndef PRIVET_PIPELINE_STOP_TOKEN_H_
#define PRIVET_PIPELINE_STOP_TOKEN_H_

#include <functional>

namespace privet {

// Polled between pieces of work; true stops it (an expired deadline, a gone client). Empty means never. Asked
// from any thread, but only while the call that it was given to runs.
using StopToken = std::function<bool()>;

}  // namespace privet

#endif  // PRIVET_PIPELINE_STOP_TOKEN_H_
