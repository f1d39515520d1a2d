// What goes to a terminal: names and cells come from files, and a terminal obeys what it is sent.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <string_view>

namespace engram::apps {

/// Control characters, characters that turn the direction of a line, and bytes that are no UTF-8 as escapes; line ends
/// and tabs too, unless the text is made of `lines`.
std::string printable(std::string_view text, bool lines = false);

/// While it lives, all that a stream prints is printable.
class PrintableStream {
 public:
  explicit PrintableStream(std::ostream& stream);
  ~PrintableStream();
  PrintableStream(const PrintableStream&) = delete;
  PrintableStream& operator=(const PrintableStream&) = delete;

 private:
  class Filter;
  std::ostream& stream_;
  std::unique_ptr<Filter> filter_;
};

/// A descriptor 0, 1 or 2 that is closed would be given to the next file that is opened, and messages would go into it.
/// Each gets one that refuses to be used.
void occupy_standard_streams();

}  // namespace engram::apps
