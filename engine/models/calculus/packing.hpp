// Arrays as text within JSON state: the bytes, little-endian, in base 16.
#pragma once

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engram/error.hpp"

namespace engram::calculus {

static_assert(std::endian::native == std::endian::little, "state is written in the order of the machine");

template <class T>
nlohmann::json pack(const std::vector<T>& values) {
  static constexpr char digits[] = "0123456789abcdef";
  const auto* bytes = reinterpret_cast<const unsigned char*>(values.data());
  std::string text(values.size() * sizeof(T) * 2, '0');
  for (std::size_t i = 0; i < values.size() * sizeof(T); ++i) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  return text;
}

template <class T>
std::vector<T> unpack(const nlohmann::json& json) {
  const auto& text = json.get_ref<const std::string&>();
  const auto digit = [](char c) -> unsigned {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    throw IoError("state of the assembly calculus: not a packed array");
  };
  if (text.size() % (2 * sizeof(T)) != 0) throw IoError("state of the assembly calculus: a packed array is cut off");
  std::vector<unsigned char> bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

}  // namespace engram::calculus
