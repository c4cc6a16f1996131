#include "qwen3/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/absl_view.h"
#include "qwen3/json_object.h"

namespace privet {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

constexpr size_t kLengthBytes = 8;
constexpr uint64_t kMaxHeaderBytes = 16 << 20;
constexpr size_t kMaxDimensions = 8;

absl::Status FileError(std::string_view file, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(AbslView(file), ": ", AbslView(what)));
}

struct DtypeSpec {
  std::string_view name;
  TensorDtype dtype;
  uint64_t bytes;
};

constexpr DtypeSpec kDtypes[] = {
    {"F32", TensorDtype::F32, 4},    {"BF16", TensorDtype::BF16, 2},     {"F16", TensorDtype::F16, 2},
    {"F64", TensorDtype::Other, 8},  {"I64", TensorDtype::Other, 8},     {"I32", TensorDtype::Other, 4},
    {"I16", TensorDtype::Other, 2},  {"I8", TensorDtype::Other, 1},      {"U64", TensorDtype::Other, 8},
    {"U32", TensorDtype::Other, 4},  {"U16", TensorDtype::Other, 2},     {"U8", TensorDtype::Other, 1},
    {"BOOL", TensorDtype::Other, 1}, {"F8_E4M3", TensorDtype::Other, 1}, {"F8_E5M2", TensorDtype::Other, 1},
};

bool IsUnsigned(const nlohmann::json& value) {
  return value.is_number_unsigned() && value.get<uint64_t>() <= uint64_t{INT64_MAX};
}

// One entry of the header, all but its place among the others.
absl::StatusOr<TensorRef> ParseEntry(const nlohmann::json& entry, std::string_view data) {
  const auto refuse = [](std::string_view what) { return absl::InvalidArgumentError(AbslView(what)); };
  if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") ||
      !entry.contains("data_offsets")) {
    return refuse("needs dtype, shape and data_offsets");
  }
  const nlohmann::json& dtype = entry["dtype"];
  const nlohmann::json& shape = entry["shape"];
  const nlohmann::json& offsets = entry["data_offsets"];
  TensorRef tensor;
  if (!dtype.is_string()) return refuse("dtype must be a string");
  tensor.dtype_name = dtype.get<std::string>();
  const auto* spec = std::find_if(std::begin(kDtypes), std::end(kDtypes),
                                  [&](const DtypeSpec& known) { return known.name == tensor.dtype_name; });
  if (spec == std::end(kDtypes)) return refuse("has an unknown dtype");
  tensor.dtype = spec->dtype;

  if (!shape.is_array() || shape.size() > kMaxDimensions)
    return refuse("shape must be a list of at most 8 sizes");
  uint64_t bytes = spec->bytes;
  for (const nlohmann::json& size : shape) {
    if (!IsUnsigned(size)) return refuse("shape must hold whole numbers");
    if (__builtin_mul_overflow(bytes, size.get<uint64_t>(), &bytes)) return refuse("shape overflows");
    tensor.shape.push_back(size.get<int64_t>());
  }
  if (!offsets.is_array() || offsets.size() != 2 || !IsUnsigned(offsets[0]) || !IsUnsigned(offsets[1])) {
    return refuse("data_offsets must be two whole numbers");
  }
  const uint64_t begin = offsets[0].get<uint64_t>();
  const uint64_t end = offsets[1].get<uint64_t>();
  if (begin > end) return refuse("data_offsets end before they begin");
  if (end > data.size()) {
    return refuse(absl::StrCat("ends at byte ", end, " of the data, which has only ", data.size(),
                               "; the file may be cut short"));
  }
  if (end - begin != bytes) {
    return refuse(absl::StrCat("has ", end - begin, " bytes, but its shape [",
                               absl::StrJoin(tensor.shape, ", "), "] of ", tensor.dtype_name, " takes ",
                               bytes));
  }
  tensor.data = reinterpret_cast<const std::byte*>(data.data()) + begin;
  tensor.bytes = bytes;
  return tensor;
}

// Tensors in the order of their data fill it without a gap or an overlap.
absl::Status CheckPlaces(const TensorMap& tensors, std::string_view data, std::string_view file) {
  std::vector<std::pair<size_t, const TensorMap::value_type*>> by_place;
  for (const auto& entry : tensors) {
    const char* begin = reinterpret_cast<const char*>(entry.second.data);
    by_place.emplace_back(static_cast<size_t>(begin - data.data()), &entry);
  }
  std::sort(by_place.begin(), by_place.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first, a.second->second.bytes) < std::pair(b.first, b.second->second.bytes);
  });
  size_t filled = 0;
  for (const auto& [begin, entry] : by_place) {
    if (begin != filled) {
      return FileError(file,
                       absl::StrCat("tensor '", entry->first, "' begins at byte ", begin, " of the data, ",
                                    begin < filled ? "inside another" : "behind a gap"));
    }
    filled += entry->second.bytes;
  }
  if (filled != data.size()) {
    return FileError(file, absl::StrCat(data.size() - filled, " bytes belong to no tensor"));
  }
  return absl::OkStatus();
}

float HalfToFloat(uint16_t half) {
  const uint32_t sign = (half & 0x8000u) << 16;
  const uint32_t exponent = (half >> 10) & 0x1Fu;
  const uint32_t mantissa = half & 0x3FFu;
  if (exponent == 0x1F) return std::bit_cast<float>(sign | 0x7F800000u | (mantissa << 13));
  if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
  const float subnormal = static_cast<float>(mantissa) * 0x1p-24F;
  return sign != 0 ? -subnormal : subnormal;
}

// To the nearest, of two the even one; a NaN stays one.
uint16_t FloatToBf16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if (value != value) return static_cast<uint16_t>((bits >> 16) | 0x40);
  return static_cast<uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

}  // namespace

int64_t TensorRef::elements() const {
  int64_t product = 1;
  for (const int64_t size : shape) product *= size;
  return product;
}

absl::StatusOr<TensorMap> ParseSafetensors(std::string_view bytes, std::string_view file) {
  if (bytes.size() < kLengthBytes) return FileError(file, "too short for safetensors");
  uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), kLengthBytes);
  if (header_bytes > kMaxHeaderBytes) return FileError(file, "header over 16 MiB; not safetensors?");
  if (header_bytes > bytes.size() - kLengthBytes) return FileError(file, "header ends behind the file");
  const std::string_view header = bytes.substr(kLengthBytes, header_bytes);
  const std::string_view data = bytes.substr(kLengthBytes + header_bytes);
  const absl::StatusOr<JsonObject> json = JsonObject::Parse(header, file);
  if (!json.ok()) return json.status();

  TensorMap tensors;
  for (const auto& [name, entry] : json->json().items()) {
    if (name == "__metadata__") continue;
    absl::StatusOr<TensorRef> tensor = ParseEntry(entry, data);
    if (!tensor.ok()) {
      return FileError(file, absl::StrCat("tensor '", name, "': ", tensor.status().message()));
    }
    tensors.emplace(name, *std::move(tensor));
  }
  if (absl::Status status = CheckPlaces(tensors, data, file); !status.ok()) return status;
  return tensors;
}

struct SafetensorsFolder::Mapping {
  std::string file;
  void* address = MAP_FAILED;
  size_t bytes = 0;
  Mapping() = default;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (address != MAP_FAILED) munmap(address, bytes);
  }
  std::string_view content() const { return {static_cast<const char*>(address), bytes}; }
};

SafetensorsFolder::SafetensorsFolder() = default;
SafetensorsFolder::~SafetensorsFolder() = default;

absl::Status SafetensorsFolder::AddFile(const std::filesystem::path& path) {
  auto mapping = std::make_unique<Mapping>();
  mapping->file = path.string();
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return absl::NotFoundError(absl::StrCat(mapping->file, ": ", std::strerror(errno)));
  struct stat about {};
  if (fstat(descriptor, &about) == 0 && about.st_size > 0) {
    mapping->bytes = static_cast<size_t>(about.st_size);
    mapping->address = mmap(nullptr, mapping->bytes, PROT_READ, MAP_PRIVATE, descriptor, 0);
  }
  close(descriptor);
  if (mapping->address == MAP_FAILED) return FileError(mapping->file, "empty, or cannot be mapped");

  absl::StatusOr<TensorMap> tensors = ParseSafetensors(mapping->content(), mapping->file);
  if (!tensors.ok()) return tensors.status();
  mappings_.push_back(std::move(mapping));
  for (auto& [name, tensor] : *tensors) {
    if (!tensors_.emplace(name, std::move(tensor)).second) {
      return FileError(mappings_.back()->file, absl::StrCat("tensor '", name, "' is in another shard too"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const SafetensorsFolder>> SafetensorsFolder::Open(
    const std::filesystem::path& folder, std::string_view stem) {
  std::shared_ptr<SafetensorsFolder> opened(new SafetensorsFolder());
  opened->folder_ = folder;
  const std::filesystem::path single = folder / absl::StrCat(AbslView(stem), ".safetensors");
  const std::filesystem::path index = folder / absl::StrCat(AbslView(stem), ".safetensors.index.json");
  std::error_code error;
  if (std::filesystem::exists(single, error) || !std::filesystem::exists(index, error)) {
    if (absl::Status status = opened->AddFile(single); !status.ok()) return status;
    return opened;
  }

  absl::StatusOr<std::string> content = ReadFileBytes(index);
  if (!content.ok()) return content.status();
  absl::StatusOr<JsonObject> json = JsonObject::Parse(*content, index.string());
  if (!json.ok()) return json.status();
  const JsonObject places = json->Object("weight_map");
  std::set<std::string> shards;
  for (const auto& [name, shard] : places.json().items()) {
    if (!shard.is_string()) return json->Error("weight_map", "must map names to files");
    const std::string file = shard.get<std::string>();
    // A shard lies beside its index; nothing else on the machine is opened.
    if (file.empty() || file[0] == '.' || file.find('/') != std::string::npos) {
      return json->Error("weight_map", absl::StrCat("'", file, "' must be a file's name without a folder"));
    }
    shards.insert(file);
  }
  if (shards.empty()) return json->Error("weight_map", "names no file");
  for (const std::string& shard : shards) {
    if (absl::Status status = opened->AddFile(folder / shard); !status.ok()) return status;
  }
  for (const auto& [name, shard] : places.json().items()) {
    if (opened->Find(name) == nullptr) {
      return json->Error("weight_map",
                         absl::StrCat("'", name, "' is not in ", shard.get_ref<const std::string&>()));
    }
  }
  return opened;
}

const TensorRef* SafetensorsFolder::Find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

std::string SafetensorsFolder::FileOf(std::string_view name) const {
  const TensorRef* tensor = Find(name);
  for (const auto& mapping : mappings_) {
    const auto* begin = static_cast<const std::byte*>(mapping->address);
    if (tensor != nullptr && tensor->data >= begin && tensor->data <= begin + mapping->bytes)
      return mapping->file;
  }
  return mappings_.size() == 1 ? mappings_[0]->file : folder_.string();
}

bool ReadAsFloat(const TensorRef& tensor, float* out) {
  const auto count = static_cast<size_t>(tensor.elements());
  if (tensor.dtype == TensorDtype::F32) {
    std::memcpy(out, tensor.data, tensor.bytes);
    return true;
  }
  if (tensor.dtype == TensorDtype::Other) return false;
  for (size_t i = 0; i < count; ++i) {
    uint16_t bits = 0;
    std::memcpy(&bits, tensor.data + 2 * i, 2);
    out[i] =
        tensor.dtype == TensorDtype::BF16 ? std::bit_cast<float>(uint32_t{bits} << 16) : HalfToFloat(bits);
  }
  return true;
}

absl::Status WriteSafetensors(const std::filesystem::path& file, const std::vector<TensorSpec>& tensors,
                              const std::function<absl::StatusOr<const float*>(size_t)>& values) {
  nlohmann::ordered_json header;
  std::vector<uint64_t> sizes;
  uint64_t offset = 0;
  for (const TensorSpec& tensor : tensors) {
    const bool bf16 = tensor.dtype == TensorDtype::BF16;
    uint64_t bytes = bf16 ? 2 : 4;
    for (const int64_t size : tensor.shape) bytes *= static_cast<uint64_t>(size);
    header[tensor.name] = {{"dtype", bf16 ? "BF16" : "F32"},
                           {"shape", tensor.shape},
                           {"data_offsets", {offset, offset + bytes}}};
    sizes.push_back(bytes);
    offset += bytes;
  }
  std::string text = header.is_null() ? "{}" : header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the data begins aligned
  const uint64_t header_bytes = text.size();

  const std::filesystem::path temporary = file.string() + ".tmp";
  std::ofstream out(temporary, std::ios::binary);
  out.write(reinterpret_cast<const char*>(&header_bytes), kLengthBytes);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  std::error_code error;
  std::vector<uint16_t> rounded;
  for (size_t i = 0; i < tensors.size() && out; ++i) {
    const absl::StatusOr<const float*> floats = values(i);
    if (!floats.ok()) {
      out.close();
      std::filesystem::remove(temporary, error);
      return floats.status();
    }
    const auto* bytes = reinterpret_cast<const char*>(*floats);
    if (tensors[i].dtype == TensorDtype::BF16) {
      rounded.resize(sizes[i] / 2);
      for (size_t j = 0; j < rounded.size(); ++j) rounded[j] = FloatToBf16((*floats)[j]);
      bytes = reinterpret_cast<const char*>(rounded.data());
    }
    out.write(bytes, static_cast<std::streamsize>(sizes[i]));
  }
  out.close();
  if (!out) return absl::UnavailableError(absl::StrCat(temporary.string(), ": cannot be written"));
  std::filesystem::rename(temporary, file, error);
  if (error) return absl::UnavailableError(absl::StrCat(file.string(), ": ", error.message()));
  return absl::OkStatus();
}

absl::Status WriteSafetensors(const std::filesystem::path& file, const std::vector<FloatTensor>& tensors) {
  std::vector<TensorSpec> specs;
  specs.reserve(tensors.size());
  for (const FloatTensor& tensor : tensors) specs.push_back({tensor.name, tensor.shape});
  return WriteSafetensors(file, specs, [&](size_t i) { return tensors[i].data; });
}

}  // namespace privet
