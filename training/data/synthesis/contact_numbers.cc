#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/utf8.h"
#include "training/data/synthesis/digits.h"
#include "training/data/synthesis/numbers.h"

namespace privet {
namespace {

struct Segments {
  uint32_t first;
  uint32_t last;
};
constexpr Segments kMobileSegments[] = {
#include "rules/tables/cn_mobile_segments.inc"
};

constexpr int kAreaCodes[] = {
#include "rules/tables/cn_area_codes.inc"
};

std::string Mobile(Random& random) {
  // Segments have ten thousand numbers each; ranges of segments are drawn evenly, which favours no operator
  // much.
  static constexpr std::string_view kPrefixes =
      "130131132133134135136137138139150151152153155156157158159176177178180181182183184185186187188189191193"
      "195197"
      "198199173175166147";
  while (true) {
    const std::string prefix(kPrefixes.substr(random.Below(kPrefixes.size() / 3) * 3, 3));
    std::string number = prefix;
    AppendDigits(8, random, &number);
    const auto segment = static_cast<uint32_t>(std::stoul(number.substr(0, 7)));
    const auto after = std::upper_bound(std::begin(kMobileSegments), std::end(kMobileSegments), segment,
                                        [](uint32_t value, const Segments& s) { return value < s.first; });
    if (after != std::begin(kMobileSegments) && segment <= std::prev(after)->last) return number;
  }
}
void AppendMobile(Random& random, std::string* out) { out->append(Mobile(random)); }
void AppendMobile344(Random& random, std::string* out) { out->append(Grouped(Mobile(random), "344", " ")); }
void AppendMobile344Dash(Random& random, std::string* out) {
  out->append(Grouped(Mobile(random), "344", "-"));
}
void AppendMobile3344(Random& random, std::string* out) { out->append(Grouped(Mobile(random), "335", " ")); }
void AppendMobile434(Random& random, std::string* out) { out->append(Grouped(Mobile(random), "434", " ")); }
void AppendMobileFullWidth(Random& random, std::string* out) {
  for (const char c : Mobile(random)) AppendUtf8(0xFF10U + static_cast<uint32_t>(c - '0'), out);
}
void AppendNotAMobile(Random& random, std::string* out) {
  out->append("1").push_back(random.Pick("012"));
  AppendDigits(9, random, out);
}

std::string AreaCode(Random& random) {
  // The big cities have two digits and half of the numbers.
  static constexpr std::array<int, 11> kBig = {10, 20, 21, 22, 23, 24, 25, 27, 28, 29, 10};
  return random.Chance(0.45) ? std::to_string(kBig[random.Below(kBig.size())])
                             : std::to_string(PickFrom(kAreaCodes, random));
}
void AppendArea(Random& random, std::string* out) { out->append("0").append(AreaCode(random)); }
void AppendAreaWithoutZero(Random& random, std::string* out) { out->append(AreaCode(random)); }

// A local number to stand behind the area code that `out` may end with: eight digits in big cities, seven or
// eight elsewhere.
void AppendLocal(Random& random, std::string* out) {
  size_t digits = 0, end = out->size();
  while (end > 0 && (*out)[end - 1] >= '0' && (*out)[end - 1] <= '9') {
    --end;
    ++digits;
  }
  if (digits == 0 && out->size() >= 3) {
    // A separator stands between.
    const size_t last = out->find_last_of(kDigits);
    if (last != std::string::npos && out->size() - last < 5) {
      for (size_t i = last + 1; i > 0 && (*out)[i - 1] >= '0' && (*out)[i - 1] <= '9'; --i) ++digits;
    }
  }
  const bool eight = digits <= 3 || random.Chance(0.15);
  out->push_back(random.Pick("2345678"));
  AppendDigits(eight ? 7 : 6, random, out);
}

void AppendNpa(Random& random, std::string* out) {
  static constexpr std::string_view kAreas =
      "201202203205206207208209210212213214215216217218219224225228229231234239240248251252253254256260262267"
      "269270"
      "272276281301302303304305307308309310312313314315316317318319320321323325330334336337339346347351352360"
      "361386"
      "401402404405406407408409410412413414415417419423424425430432434435440443458469470475478479480484501502"
      "503504"
      "505507508509510512513515516517518520530540541551559561562563567570571573574575580585586601602603605606"
      "607608"
      "609610612614615616617618619620623626628629630631636641646650651657660661662667669678681682701702703704"
      "706707"
      "708712713714715716717718719720724725727731732734737740747754757760762763765769770772773774775779781785"
      "786801"
      "802803804805806808810812813814815816817818828830831832843845847848850856857858859860862863864865870872"
      "878901"
      "903904906907908909910912913914915916917918919920925928929931936937938940941947949951952954956959970971"
      "972973"
      "978979980984985989416604514403613905";
  out->append(kAreas.substr(random.Below(kAreas.size() / 3) * 3, 3));
}
void AppendNxx(Random& random, std::string* out) {
  if (random.Chance(0.25)) {
    out->append("555");
    return;
  }
  out->push_back(random.Pick("2345678"));
  out->push_back(random.Pick("023456789"));
  out->push_back(random.Pick("0123456789"));
}

void AppendPublicIp(Random& random, std::string* out) {
  int first = 10;
  while (first == 10 || first == 127 || first == 172 || first == 192 || first == 169)
    first = random.Between(1, 223);
  out->append(absl::StrCat(first, ".", random.Between(0, 255), ".", random.Between(0, 255), ".",
                           random.Between(1, 254)));
}

// What a password generator gives: of all kinds, without quotes, spaces and backslashes.
void AppendPassword(Random& random, std::string* out) {
  static constexpr std::string_view kAll =
      "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwx"
      "yz!@#$%^*_-+=";
  const int length = random.Between(8, 18);
  for (int i = 0; i < length; ++i) {
    // No punctuation at the ends, where a reader would not know whether it belongs to the value.
    out->push_back(random.Pick(i == 0 || i == length - 1 ? kAll.substr(0, 56) : kAll));
  }
}

void AppendRoom(Random& random, std::string* out) {
  const int floor = random.Chance(0.6) ? random.Between(1, 9) : random.Between(10, 32);
  out->append(absl::StrCat(floor, Padded(random.Between(1, random.Chance(0.8) ? 8 : 28), 2)));
}

void AppendPostcodeUk(Random& random, std::string* out) {
  static constexpr std::array<std::string_view, 30> kAreas = {
      "SW", "SE", "NW", "N",  "E",  "W",  "EC", "WC", "M",  "B",  "LS", "G",  "L",  "BS", "S",
      "EH", "CF", "BT", "NE", "NG", "LE", "SO", "PO", "OX", "CB", "YO", "BA", "EX", "NR", "BN"};
  out->append(absl::StrCat(AbslView(kAreas[random.Below(kAreas.size())]), random.Between(1, 22), " ",
                           random.Between(1, 9)));
  for (int i = 0; i < 2; ++i) out->push_back(random.Pick("ABDEFGHJLNPQRSTUWXYZ"));
}

void AppendPostcodeCa(Random& random, std::string* out) {
  static constexpr std::string_view kLetters = "ABCEGHJKLMNPRSTVXY";
  for (int i = 0; i < 6; ++i) {
    if (i == 3) out->push_back(' ');
    out->push_back(random.Pick(i % 2 == 0 ? kLetters : kDigits));
  }
}

constexpr NumberKind kKinds[] = {
    {"area", AppendArea},
    {"area0", AppendAreaWithoutZero},
    {"local", AppendLocal},
    {"mobile", AppendMobile},
    {"mobile_3344", AppendMobile3344},
    {"mobile_344", AppendMobile344},
    {"mobile_344_dash", AppendMobile344Dash},
    {"mobile_434", AppendMobile434},
    {"mobile_full_width", AppendMobileFullWidth},
    {"mobile_wechat", AppendMobile},
    {"not_a_mobile", AppendNotAMobile},
    {"npa", AppendNpa},
    {"nxx", AppendNxx},
    {"password", AppendPassword},
    {"postcode_ca", AppendPostcodeCa},
    {"postcode_uk", AppendPostcodeUk},
    {"public_ip", AppendPublicIp},
    {"room", AppendRoom},
};

}  // namespace

std::span<const NumberKind> ContactNumbers() { return kKinds; }

}  // namespace privet
