#include "engine/io/npy.hpp"

#include <cstring>

namespace engram::io {

namespace {

/// Reads the dictionary of a header: exactly the keys descr, fortran_order and shape, in any order.
class HeaderText {
 public:
  HeaderText(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  NpyLayout read() {
    NpyLayout array;
    bool descr = false, order = false, shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !descr) {
        array.type = quoted();
        descr = true;
      } else if (key == "fortran_order" && !order) {
        if (word() != "False") fail("columns first (fortran_order) is not supported; save numpy.ascontiguousarray(x)");
        order = true;
      } else if (key == "shape" && !shape) {
        array.shape = numbers();
        shape = true;
      } else {
        fail("unexpected key \"" + key + "\"");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    space();
    if (at_ != text_.size()) fail("more than a dictionary in the header");
    if (!descr || !order || !shape) fail("the header lacks descr, fortran_order or shape");
    return array;
  }

 private:
  [[noreturn]] void fail(const std::string& text) const { throw MalformedFile(name_ + ": " + text); }
  void space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool accept(char c) {
    space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(std::string("malformed header: no \"") + c + "\" at byte " + std::to_string(at_));
  }
  std::string quoted() {
    space();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') fail("malformed header: a string is expected at byte " + std::to_string(at_));
    const auto end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail("malformed header: a string without end");
    const std::string content(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return content;
  }
  std::string word() {
    space();
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::isalpha(static_cast<unsigned char>(text_[at_]))) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }
  std::vector<std::uint64_t> numbers() {
    std::vector<std::uint64_t> all;
    expect('(');
    while (!accept(')')) {
      space();
      std::uint64_t x = 0;
      const std::size_t begin = at_;
      for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
        if (__builtin_mul_overflow(x, std::uint64_t{10}, &x) ||
            __builtin_add_overflow(x, static_cast<std::uint64_t>(text_[at_] - '0'), &x))
          fail("a size in the header overflows");
      if (begin == at_) fail("malformed header: a size is expected at byte " + std::to_string(at_));
      all.push_back(x);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return all;
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
};

}  // namespace

std::string npy_header(const std::string& type, std::span<const std::uint64_t> shape) {
  std::string text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? " " : "") + std::to_string(shape[i]) + ",";
  text += "), }";
  const std::size_t room = npy_header_bytes - 11;
  if (text.size() > room)
    throw IoError("an array of " + std::to_string(shape.size()) + " dimensions does not fit an NPY header");
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(npy_header_bytes - 10);
  header += '\0';
  return header + text + std::string(room - text.size(), ' ') + "\n";
}

NpyArray read_npy(const fs::path& path, std::uint64_t max_bytes) { return read_npy(open_regular(path), max_bytes); }

NpyLayout read_npy_layout(const Descriptor& file) {
  const std::string name = file.path().string();
  const std::uint64_t size = file.size();
  unsigned char lead[12];
  if (size < 12) throw MalformedFile(name + ": too short for an NPY file");
  file.read_at(0, lead, sizeof lead);
  if (std::memcmp(lead, "\x93NUMPY", 6) != 0) throw MalformedFile(name + ": not an NPY file");
  if (lead[6] < 1 || lead[6] > 3)
    throw MalformedFile(name + ": NPY version " + std::to_string(lead[6]) + "; known are 1 to 3");
  const std::uint64_t start = lead[6] == 1 ? 10 : 12;
  std::uint64_t length = lead[8] | lead[9] << 8;
  if (lead[6] > 1) length |= std::uint64_t{lead[10]} << 16 | std::uint64_t{lead[11]} << 24;
  if (length > 65536 || start + length > size)
    throw MalformedFile(name + ": the header goes beyond the file or 64 KiB");
  std::string text(length, '\0');
  file.read_at(start, text.data(), length);
  NpyLayout array = HeaderText(text, name).read();
  const std::string& type = array.type;
  const auto one_of = [](std::string_view allowed, char c) { return allowed.find(c) != std::string_view::npos; };
  const bool known = type.size() == 3 && one_of("<|", type[0]) && one_of("fiub", type[1]) && one_of("1248", type[2]);
  if (!known) throw MalformedFile(name + ": values of type " + type + "; known are little-endian numbers such as <f4");
  std::uint64_t bytes = static_cast<std::uint64_t>(type[2] - '0');
  for (const std::uint64_t extent : array.shape)
    if (__builtin_mul_overflow(bytes, extent, &bytes)) throw MalformedFile(name + ": the shape overflows");
  if (bytes != size - start - length)
    throw MalformedFile(name + ": the shape asks for " + std::to_string(bytes) + " bytes, the file has " +
                        std::to_string(size - start - length));
  array.begin = start + length;
  array.bytes = bytes;
  return array;
}

NpyArray read_npy(const Descriptor& file, std::uint64_t max_bytes) {
  NpyLayout layout = read_npy_layout(file);
  if (layout.bytes > max_bytes)
    throw IoError(file.path().string() + ": " + std::to_string(layout.bytes) + " bytes are more than the " +
                  std::to_string(max_bytes) + " allowed");
  NpyArray array{std::move(layout.type), std::move(layout.shape), std::string(layout.bytes, '\0')};
  file.read_at(layout.begin, array.bytes.data(), layout.bytes);
  return array;
}

void write_npy(const fs::path& path, const std::string& type, std::span<const std::uint64_t> shape, const void* data) {
  std::uint64_t bytes = static_cast<std::uint64_t>(type.back() - '0');
  for (const std::uint64_t extent : shape) bytes *= extent;
  Replacement file(path);
  const std::string header = npy_header(type, shape);
  file.write(header.data(), header.size());
  file.write(data, bytes);
  file.commit();
}

}  // namespace engram::io
