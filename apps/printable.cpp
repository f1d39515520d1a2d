#include "apps/printable.hpp"

#include <fcntl.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace engram::apps {

namespace {

/// Takes a character off the front of the text: its bytes, and its number, or -1 if they are no UTF-8.
std::string_view take_character(std::string_view& text, std::int32_t& number) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t more = byte(0) < 0x80 ? 0 : byte(0) >= 0xf0 ? 3 : byte(0) >= 0xe0 ? 2 : 1;
  number = more == 0 ? byte(0) : byte(0) & (0x3f >> more);
  bool good = byte(0) < 0x80 || (byte(0) >= 0xc2 && byte(0) <= 0xf4 && text.size() > more);
  for (std::size_t i = 1; good && i <= more; ++i) {
    good = (byte(i) & 0xc0) == 0x80;
    number = number << 6 | (byte(i) & 0x3f);
  }
  constexpr std::int32_t least[] = {0, 0x80, 0x800, 0x10000};
  good = good && number >= least[more] && number <= 0x10ffff && (number < 0xd800 || number > 0xdfff);
  if (!good) number = -1;
  const std::string_view taken = text.substr(0, good ? more + 1 : 1);
  text.remove_prefix(taken.size());
  return taken;
}

bool is_harmless(std::int32_t c, bool lines) {
  if (lines && (c == '\n' || c == '\t')) return true;
  const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
  const bool turns =
      c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  return !control && !turns;
}

}  // namespace

std::string printable(std::string_view text, bool lines) {
  std::string shown;
  while (!text.empty()) {
    std::int32_t c = 0;
    const std::string_view bytes = take_character(text, c);
    char escape[12];
    if (c < 0)
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned char>(bytes[0]));
    else
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));  // as JSON has it
    shown += c >= 0 && is_harmless(c, lines) ? bytes : std::string_view(escape);
  }
  return shown;
}

class PrintableStream::Filter : public std::streambuf {
 public:
  explicit Filter(std::streambuf* to) : to_(to) {}
  std::streambuf* to() const { return to_; }

 protected:
  int_type overflow(int_type c) override {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    const char one = traits_type::to_char_type(c);
    return xsputn(&one, 1) == 1 ? c : traits_type::eof();
  }
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    waiting_.append(text, static_cast<std::size_t>(size));
    const auto end = waiting_.rfind('\n');
    return end == std::string::npos || pass(end + 1) ? size : 0;
  }
  int sync() override { return pass(waiting_.size()) ? to_->pubsync() : -1; }

 private:
  /// Whole lines, or what is flushed: a character may come in parts.
  bool pass(std::size_t size) {
    const std::string shown = printable(std::string_view(waiting_).substr(0, size), true);
    waiting_.erase(0, size);
    return to_->sputn(shown.data(), static_cast<std::streamsize>(shown.size())) ==
           static_cast<std::streamsize>(shown.size());
  }
  std::streambuf* to_;
  std::string waiting_;
};

PrintableStream::PrintableStream(std::ostream& stream) : stream_(stream), filter_(new Filter(stream.rdbuf())) {
  stream_.rdbuf(filter_.get());
}

PrintableStream::~PrintableStream() {
  stream_.flush();
  stream_.rdbuf(filter_->to());
}

void occupy_standard_streams() {
  for (const int number : {0, 1, 2})
    if (::fcntl(number, F_GETFD) < 0 && ::open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY) != number) std::_Exit(5);
}

}  // namespace engram::apps
