#include <array>

#include "training/data/synthesis/digits.h"
#include "training/data/synthesis/numbers.h"

namespace privet {
namespace {

std::string_view PlateProvince(Random& random) {
  static constexpr std::array<std::string_view, 40> kProvinces = {
      "京", "京", "京", "沪", "沪", "沪", "粤", "粤", "粤", "浙", "浙", "苏", "苏", "津",
      "渝", "冀", "豫", "云", "辽", "黑", "湘", "皖", "鲁", "鲁", "新", "赣", "鄂", "桂",
      "甘", "晋", "蒙", "陕", "吉", "闽", "贵", "青", "藏", "川", "宁", "琼"};
  return kProvinces[random.Below(kProvinces.size())];
}
std::string PlateHead(Random& random) {
  std::string head(PlateProvince(random));
  head.push_back(random.Pick(random.Chance(0.5) ? "ABC" : "ABCDEFGHJKLMNPQRSTUV"));
  return head;
}
// Five characters of which at most two are letters.
std::string PlateSerial(Random& random) {
  std::string serial;
  AppendDigits(5, random, &serial);
  for (size_t letters = random.Below(3); letters > 0; --letters)
    serial[random.Below(5)] = random.Pick(kSerialLetters);
  return serial;
}
void AppendPlate(Random& random, std::string* out) {
  out->append(PlateHead(random)).append(PlateSerial(random));
}
void AppendPlateDot(Random& random, std::string* out) {
  out->append(PlateHead(random)).append("·").append(PlateSerial(random));
}
void AppendPlateSpaced(Random& random, std::string* out) {
  out->append(PlateHead(random)).append(random.Chance(0.6) ? " " : "-").append(PlateSerial(random));
}
void AppendPlateNewEnergy(Random& random, std::string* out) {
  out->append(PlateHead(random));
  if (random.Chance(0.2)) out->append("·");
  if (random.Chance(0.9)) {
    out->push_back(random.Pick("DDDDDFABCE"));
    const bool letter = random.Chance(0.25);
    if (letter) out->push_back(random.Pick(kSerialLetters));
    AppendDigits(letter ? 4 : 5, random, out);
  } else {
    AppendDigits(5, random, out);
    out->push_back(random.Pick("DF"));
  }
}
void AppendPlateSpecial(Random& random, std::string* out) {
  static constexpr std::array<std::string_view, 4> kEndings = {"挂", "学", "警", "挂"};
  if (random.Chance(0.2)) {
    out->append("粤Z");
    for (int i = 0; i < 4; ++i) out->push_back(random.Pick(i == 1 ? kSerialLetters : kDigits));
    out->append(random.Chance(0.6) ? "港" : "澳");
    return;
  }
  out->append(PlateHead(random));
  AppendDigits(4, random, out);
  out->append(kEndings[random.Below(kEndings.size())]);
}

// 49 CFR 565: the ninth character is a weighted sum modulo 11.
void AppendVin(Random& random, std::string* out) {
  static constexpr std::array<std::string_view, 20> kMakers = {
      "LSV", "LFV", "LGB", "LVS", "LHG", "LBV", "LRW", "LSG", "LFP", "LGX",
      "L6T", "LC0", "LZW", "1HG", "WBA", "WVW", "JTD", "KMH", "5YJ", "1FT"};
  static constexpr std::string_view kLetters = "ABCDEFGHJKLMNPRSTUVWXYZ";
  static constexpr std::string_view kValues = "12345678123457923456789";
  static constexpr std::array<int, 17> kWeights = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  std::string vin(kMakers[random.Below(kMakers.size())]);
  for (int i = 0; i < 5; ++i)
    vin.push_back(random.Chance(0.45) ? random.Pick(kLetters) : random.Pick(kDigits));
  vin.push_back('0');
  vin.push_back(random.Pick("ABCDEFGHJKLMNPR1234567890"));
  vin.push_back(random.Chance(0.6) ? random.Pick(kLetters) : random.Pick(kDigits));
  AppendDigits(6, random, &vin);
  int sum = 0;
  for (size_t i = 0; i < vin.size(); ++i) {
    const size_t letter = kLetters.find(vin[i]);
    sum += (letter == std::string_view::npos ? vin[i] - '0' : kValues[letter] - '0') * kWeights[i];
  }
  vin[8] = sum % 11 == 10 ? 'X' : static_cast<char>('0' + sum % 11);
  out->append(vin);
}

constexpr NumberKind kKinds[] = {
    {"plate", AppendPlate},
    {"plate_dot", AppendPlateDot},
    {"plate_new_energy", AppendPlateNewEnergy},
    {"plate_spaced", AppendPlateSpaced},
    {"plate_special", AppendPlateSpecial},
    {"vin", AppendVin},
};

}  // namespace

std::span<const NumberKind> VehicleNumbers() { return kKinds; }

}  // namespace privet
