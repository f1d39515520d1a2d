// engram run | resume | compare | analyse | plot | report | validate | check | bench | describe | info | completion
// Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 a value
// that is not finite, 4 memory, 5 files, 130 and 143 stopped by a signal.
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <new>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "apps/commands.hpp"
#include "apps/printable.hpp"

namespace {

using namespace engram;
using namespace engram::apps;

/// Whether standard output is a pipe that nobody reads any more.
bool reader_has_left() {
  struct pollfd out {
    STDOUT_FILENO, POLLOUT, 0
  };
  return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR);
}

/// A tile of a dense sweep is added up on the stack, which ends the program without a word where it is too small.
void need_stack() {
  constexpr rlim_t needed = 512 << 10;
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= needed) return;
  throw MemoryError("the stack may have " + std::to_string(limit.rlim_cur >> 10) + " kB, needed are " +
                    std::to_string(needed >> 10) + "; \"ulimit -s\" sets it");
}

}  // namespace

int main(int count, char** words) {
  occupy_standard_streams();
  const PrintableStream out(std::cout), err(std::cerr);
#if defined(__GLIBC__)
  // Large arrays get pages of their own, which go back when they are freed. Between small ones in the heap they leave
  // gaps: a round of a million neurons needed 33 or 45 MB, by chance.
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
  // What is freed at the end of the heap is soon asked for again: given back each time, its pages would be made anew.
  ::mallopt(M_TRIM_THRESHOLD, 4 << 20);
#endif
  // A full disk or a closed pipe is an error to report, not a reason to die.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    need_stack();
    const int code = CommandLine().execute(count, words);
    std::cout.flush();
    if (!std::cout || std::fflush(stdout) != 0 || std::ferror(stdout)) {
      if (reader_has_left()) return 128 + SIGPIPE;  // "engram describe | head -3": nobody asks for the rest
      std::cerr << "engram: standard output cannot be written\n";
      return 5;
    }
    return code;
  } catch (const Error& error) {
    std::cerr << "engram: " << error.what() << "\n";
    return error.exit_code();
  } catch (const std::bad_alloc&) {
    std::cerr << "engram: out of memory\n";
    return 4;
  } catch (const std::length_error& error) {
    std::cerr << "engram: out of memory: a size beyond all limits (" << error.what() << ")\n";
    return 4;
  } catch (const std::exception& error) {
    std::cerr << "engram: " << error.what() << "\n";
    return 1;
  }
}
