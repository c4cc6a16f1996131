// The names of Gloo that c10d's ProcessGroupGloo.hpp mentions. libtorch's wheel has Gloo compiled in and
// c10d's header, but not Gloo's headers. What is declared here is only ever held by pointers that libtorch
// made: nothing of it is made, called or derived from outside of libtorch, so that its layout does not
// matter.
#ifndef PRIVET_TRAINING_LEARN_GLOO_DECLARATIONS_GLOO_CONTEXT_H_
#define PRIVET_TRAINING_LEARN_GLOO_DECLARATIONS_GLOO_CONTEXT_H_

#include <chrono>
#include <string>
#include <vector>

namespace gloo {

class Context {
 public:
  void setTimeout(std::chrono::milliseconds timeout);
};

namespace transport {

class Device;

class UnboundBuffer {
 public:
  virtual ~UnboundBuffer() = 0;
};

}  // namespace transport

namespace rendezvous {

class Store {
 public:
  virtual ~Store();
  virtual void set(const std::string& key, const std::vector<char>& value) = 0;
  virtual std::vector<char> get(const std::string& key) = 0;
  virtual void wait(const std::vector<std::string>& keys) = 0;
  virtual void wait(const std::vector<std::string>& keys, const std::chrono::milliseconds& timeout) = 0;
};

}  // namespace rendezvous
}  // namespace gloo

#endif  // PRIVET_TRAINING_LEARN_GLOO_DECLARATIONS_GLOO_CONTEXT_H_
