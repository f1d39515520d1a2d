#include "signals.hpp"

#include <csignal>
#include <unistd.h>

namespace engram {

namespace {

volatile std::sig_atomic_t stop_signal = 0;
volatile std::sig_atomic_t checkpoint_wish = 0;

void on_stop(int signal) {
  if (stop_signal) ::_exit(128 + signal);
  stop_signal = signal;
}
void on_wish(int) { checkpoint_wish = 1; }

constexpr int handled[] = {SIGINT, SIGTERM, SIGUSR1, SIGXFSZ, SIGPIPE};

}  // namespace

struct SignalScope::Previous {
  struct sigaction action[sizeof handled / sizeof *handled];
};

SignalScope::SignalScope() : previous_(new Previous) {
  stop_signal = 0;
  checkpoint_wish = 0;
  for (std::size_t i = 0; i < sizeof handled / sizeof *handled; ++i) {
    struct sigaction action {};
    action.sa_handler = handled[i] == SIGUSR1 ? on_wish : handled[i] == SIGINT || handled[i] == SIGTERM ? on_stop : SIG_IGN;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    ::sigaction(handled[i], &action, &previous_->action[i]);
  }
}

SignalScope::~SignalScope() {
  for (std::size_t i = 0; i < sizeof handled / sizeof *handled; ++i) ::sigaction(handled[i], &previous_->action[i], nullptr);
  delete previous_;
}

int SignalScope::stop() { return stop_signal; }

bool SignalScope::take_checkpoint_wish() {
  if (!checkpoint_wish) return false;
  checkpoint_wish = 0;
  return true;
}

}  // namespace engram
