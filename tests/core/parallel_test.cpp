// The threads of the CPU: parts cover all items once, whoever asks, from wherever.
#include "engine/cpu/parallel.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace engram::cpu {
namespace {

constexpr std::size_t much = parallel_threshold;

/// How often parallel_for visited each of `items`.
std::vector<int> visits(int threads, std::size_t items, std::size_t work = much) {
  std::vector<int> seen(items);
  parallel_for(threads, items, work, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = begin; i < end; ++i) ++seen[i];
  });
  return seen;
}

TEST(Parallel, PartsCoverEveryItemOnce) {
  for (int threads = 1; threads <= 9; ++threads)
    for (const std::size_t items : {0, 1, 2, 7, 1000})
      EXPECT_EQ(visits(threads, items), std::vector<int>(items, 1)) << threads << " threads, " << items << " items";
}

/// Parts for which there are no threads are done by the caller.
TEST(Parallel, MorePartsThanAProcessHasThreadsCoverEveryItemOnce) {
  const int beyond = 4 * static_cast<int>(std::thread::hardware_concurrency()) + 70;
  EXPECT_EQ(visits(beyond, 10000), std::vector<int>(10000, 1));
}

TEST(Parallel, EachPartHasANumberOfItsOwnAndAThreadOfItsOwn) {
  std::vector<std::thread::id> on(4);
  std::atomic<int> arrived = 0;
  parallel_for(4, 4, much, [&](std::size_t begin, std::size_t, int thread) {
    EXPECT_EQ(begin, static_cast<std::size_t>(thread));
    on[begin] = std::this_thread::get_id();
    ++arrived;
    while (arrived < 4) std::this_thread::yield();  // ends only where all parts run at the same time
  });
  EXPECT_EQ(std::set(on.begin(), on.end()).size(), 4u);
  EXPECT_EQ(on[0], std::this_thread::get_id());
}

TEST(Parallel, SmallWorkStaysOnTheCallersThread) {
  parallel_for(4, 4, much - 1, [caller = std::this_thread::get_id()](std::size_t begin, std::size_t end, int thread) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    EXPECT_EQ(begin, 0u);
    EXPECT_EQ(end, 4u);
    EXPECT_EQ(thread, 0);
  });
}

TEST(Parallel, APartMayItselfHaveParts) {
  std::vector<std::vector<int>> inner(3);
  parallel_for(3, 3, much, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = begin; i < end; ++i) inner[i] = visits(3, 10);
  });
  for (const std::vector<int>& seen : inner) EXPECT_EQ(seen, std::vector<int>(10, 1));
}

TEST(Parallel, TheExceptionOfTheLowestPartGoesOnAndTheThreadsServeAgain) {
  for (int repeat = 0; repeat < 3; ++repeat) {
    try {
      parallel_for(4, 4, much, [](std::size_t begin, std::size_t, int) {
        if (begin > 0) throw std::runtime_error(std::to_string(begin));
      });
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "1");
    }
    EXPECT_EQ(visits(4, 100), std::vector<int>(100, 1));
  }
}

TEST(ParallelForEach, TakesEveryItemOnce) {
  for (int threads = 1; threads <= 9; ++threads)
    for (const std::size_t items : {0, 1, 2, 7, 1000}) {
      std::vector<int> seen(items);
      parallel_for_each(threads, items, much, [&](std::size_t i, int thread) {
        ++seen[i];
        EXPECT_LT(thread, threads);
      });
      EXPECT_EQ(seen, std::vector<int>(items, 1)) << threads << " threads, " << items << " items";
    }
}

/// While one thread is held up by its item, the other one does all the others.
TEST(ParallelForEach, AFreeThreadTakesTheNextItem) {
  constexpr std::size_t items = 20;
  std::atomic<std::size_t> done = 0;
  std::atomic<int> held = -1;
  std::vector<int> by(items);
  parallel_for_each(2, items, much, [&](std::size_t i, int thread) {
    by[i] = thread;
    int nobody = -1;
    if (held.compare_exchange_strong(nobody, thread))
      while (done < items - 1) std::this_thread::yield();
    ++done;
  });
  EXPECT_EQ(std::count(by.begin(), by.end(), held), 1);
}

TEST(ParallelForEach, TheExceptionOfTheLowestItemGoesOn) {
  for (int repeat = 0; repeat < 200; ++repeat) try {
      parallel_for_each(4, 40, much, [](std::size_t i, int) {
        if (i >= 7) throw std::runtime_error(std::to_string(i));
      });
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "7");
    }
  EXPECT_EQ(visits(4, 100), std::vector<int>(100, 1));
}

TEST(Parallel, SeveralThreadsOfTheUserMayCallAtTheSameTime) {
  std::vector<int> wrong(4);
  std::vector<std::thread> users;
  for (std::size_t u = 0; u < wrong.size(); ++u)
    users.emplace_back([&, u] {
      for (int repeat = 0; repeat < 200; ++repeat) wrong[u] += visits(3, 50) != std::vector<int>(50, 1);
    });
  for (std::thread& user : users) user.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(Parallel, AChildAfterForkComputesInsteadOfWaitingForThreadsItDoesNotHave) {
  ASSERT_EQ(visits(4, 100), std::vector<int>(100, 1));  // the threads of this process live
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::alarm(20);
    ::_exit(visits(4, 100) == std::vector<int>(100, 1) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Parallel, SignalsStayWithTheThreadsOfTheUser) {
  std::vector<int> blocked(3);
  parallel_for(3, 3, much, [&](std::size_t begin, std::size_t, int) {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocked[begin] = sigismember(&mask, SIGINT);
  });
  EXPECT_EQ(blocked, (std::vector<int>{0, 1, 1}));
}

TEST(Parallel, ALimitHoldsWhereItWasSetAndAsLongAsItLives) {
  const int free = default_threads();
  {
    const ThreadLimit limit(3);
    EXPECT_EQ(default_threads(), 3);
    std::thread([&] { EXPECT_EQ(default_threads(), free); }).join();
    const ThreadLimit none(0);
    EXPECT_EQ(default_threads(), free);
  }
  EXPECT_EQ(default_threads(), free);
}

}  // namespace
}  // namespace engram::cpu
