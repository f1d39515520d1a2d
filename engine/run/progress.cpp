#include "engine/run/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace engram {

namespace {

ProgressStyle settled(ProgressStyle style) {
  if (style != ProgressStyle::automatic) return style;
  const char* terminal = std::getenv("TERM");
  const bool dumb = !terminal || std::string_view(terminal) == "dumb";
  return ::isatty(STDERR_FILENO) && !dumb ? ProgressStyle::bar : ProgressStyle::lines;
}

}  // namespace

std::string duration_words(double seconds) {
  char text[48];
  if (seconds < 9.95)
    std::snprintf(text, sizeof text, "%.2g s", seconds);
  else if (seconds < 60)
    std::snprintf(text, sizeof text, "%.0f s", seconds);
  else if (seconds < 3600)
    std::snprintf(text, sizeof text, "%.0f min %02.0f s", seconds / 60 - 0.5,
                  static_cast<double>(static_cast<long>(seconds) % 60));
  else
    std::snprintf(text, sizeof text, "%.1f h", seconds / 3600);
  return text;
}

Progress::Progress(ProgressStyle style, Tick total, Tick start)
    : style_(settled(style)), total_(total), start_(start), began_(Clock::now()) {
  next_ = began_ + (style_ == ProgressStyle::bar ? std::chrono::milliseconds(500) : std::chrono::seconds(10));
}

std::string Progress::status(Tick done, double seconds) const {
  const double rate = static_cast<double>(done - start_) / std::max(seconds, 1e-9);
  char text[160];
  std::snprintf(text, sizeof text, "%llu of %llu ticks (%.0f %%), %.3g ticks/s, %s left",
                static_cast<unsigned long long>(done), static_cast<unsigned long long>(total_),
                100.0 * static_cast<double>(done) / static_cast<double>(std::max<Tick>(total_, 1)), rate,
                rate > 0 ? duration_words(static_cast<double>(total_ - done) / rate).c_str() : "?");
  return text;
}

void Progress::update(Tick done) {
  if (style_ == ProgressStyle::none) return;
  const auto now = Clock::now();
  if (now < next_) return;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  if (style_ == ProgressStyle::lines) {
    next_ = now + std::chrono::seconds(10);
    // A long run would fill its log with a line every 10 s: then a line every 10 %, at most one an hour more.
    const Tick share = total_ ? done * 10 / total_ : 10;
    if (seconds > 120 && share == last_share_) return;
    last_share_ = share;
    std::fprintf(stderr, "%s\n", status(done, seconds).c_str());
    return;
  }
  next_ = now + std::chrono::milliseconds(200);
  constexpr int width = 24;
  const int full = static_cast<int>(width * static_cast<double>(done) / static_cast<double>(std::max<Tick>(total_, 1)));
  std::fprintf(stderr, "\r[%s%s] %s\x1b[K", std::string(full, '#').c_str(), std::string(width - full, '.').c_str(),
               status(done, seconds).c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::clear() {
  if (drawn_) std::fprintf(stderr, "\r\x1b[K"), std::fflush(stderr);
  drawn_ = false;
}

}  // namespace engram
