#include "apps/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "engine/run/clock.hpp"

namespace engram::apps {

namespace {

ProgressStyle settled(ProgressStyle style) {
  if (style != ProgressStyle::automatic) return style;
  const char* terminal = std::getenv("TERM");
  const bool dumb = !terminal || std::string_view(terminal) == "dumb";
  return ::isatty(STDERR_FILENO) && !dumb ? ProgressStyle::bar : ProgressStyle::lines;
}

std::string status(const RunProgress& run, double seconds) {
  const double rate = static_cast<double>(run.done - run.began) / std::max(seconds, 1e-9);
  char text[160];
  std::snprintf(text, sizeof text, "%llu of %llu ticks (%.0f %%), %.3g ticks/s, %s left",
                static_cast<unsigned long long>(run.done), static_cast<unsigned long long>(run.total),
                100.0 * static_cast<double>(run.done) / static_cast<double>(std::max<Tick>(run.total, 1)), rate,
                rate > 0 ? duration_words(static_cast<double>(run.total - run.done) / rate).c_str() : "?");
  return text;
}

}  // namespace

ProgressPainter::ProgressPainter(ProgressStyle style) : style_(settled(style)) {}

void ProgressPainter::begin_point(const RunProgress& run, Clock::time_point now) {
  point_ = run.point;
  last_share_ = 0;
  began_ = now;
  next_ = now + (style_ == ProgressStyle::bar ? std::chrono::milliseconds(500) : std::chrono::seconds(10));
}

void ProgressPainter::update(const RunProgress& run) {
  if (style_ == ProgressStyle::none) return;
  const auto now = Clock::now();
  if (run.point != point_) return begin_point(run, now);
  if (now < next_) return;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  if (style_ == ProgressStyle::lines) {
    next_ = now + std::chrono::seconds(10);
    // A long run would fill its log with a line every 10 s: then a line every 10 %, at most one an hour more.
    const Tick share = run.total ? run.done * 10 / run.total : 10;
    if (seconds > 120 && share == last_share_) return;
    last_share_ = share;
    std::fprintf(stderr, "%s\n", status(run, seconds).c_str());
    return;
  }
  next_ = now + std::chrono::milliseconds(200);
  constexpr int width = 24;
  const int full =
      static_cast<int>(width * static_cast<double>(run.done) / static_cast<double>(std::max<Tick>(run.total, 1)));
  std::fprintf(stderr, "\r[%s%s] %s\x1b[K", std::string(full, '#').c_str(), std::string(width - full, '.').c_str(),
               status(run, seconds).c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressPainter::clear() {
  if (drawn_) std::fprintf(stderr, "\r\x1b[K"), std::fflush(stderr);
  drawn_ = false;
}

}  // namespace engram::apps
