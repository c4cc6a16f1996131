// The outer shape of a phone number as people write it.
#ifndef PRIVET_RULES_VALIDATORS_PHONE_SHAPE_H_
#define PRIVET_RULES_VALIDATORS_PHONE_SHAPE_H_

#include <array>
#include <string_view>

namespace privet {

// Takes a written phone number apart: "+86 (10) 6552-9988 转 801" has the number "861065529988", the country
// code is marked, and there is an extension. Two numbers with a shared beginning, "010-65529988/89", keep the
// first.
class PhoneShape {
 public:
  explicit PhoneShape(std::string_view value);

  // The digits, country code included if one was marked (its "+" or "00" is not), extension left out. Empty
  // when there are more than 20, or a character that no phone number holds.
  std::string_view number() const { return {digits_.data(), size_}; }

  // Whether the number began with '+' or "00".
  bool country_code_marked() const { return marked_; }
  bool has_extension() const { return has_extension_; }

  // Digits between separators: "+1 (555) 010-9999" has the groups 1, 3, 3, 4. At most eight are counted.
  int group_count() const { return groups_; }

 private:
  std::array<char, 24> digits_{};
  size_t size_ = 0;
  int groups_ = 0;
  bool marked_ = false;
  bool has_extension_ = false;
};

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_PHONE_SHAPE_H_
