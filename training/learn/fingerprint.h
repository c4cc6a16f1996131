// Whether several processes read the same, or a run that goes on the same as before.
#ifndef PRIVET_TRAINING_LEARN_FINGERPRINT_H_
#define PRIVET_TRAINING_LEARN_FINGERPRINT_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace privet {

// FNV-1a over all that was added, in order: the same number in every process. Not against who wants a clash.
class Fingerprint {
 public:
  void Add(std::string_view bytes) {
    for (const char byte : bytes) Mix(static_cast<uint8_t>(byte));
    End(bytes.size());
  }
  void Add(std::span<const int32_t> numbers) {
    for (const int32_t number : numbers) Mix(static_cast<uint32_t>(number));
    End(numbers.size());
  }
  void Add(std::span<const float> numbers) {
    for (const float number : numbers) Mix(std::bit_cast<uint32_t>(number));
    End(numbers.size());
  }
  uint64_t value() const { return value_; }

 private:
  void Mix(uint64_t number) { value_ = (value_ ^ number) * 0x100000001B3; }
  // So that two parts are not taken for one.
  void End(size_t size) { Mix(size ^ 0x8000000000000000); }

  uint64_t value_ = 0xCBF29CE484222325;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_FINGERPRINT_H_
