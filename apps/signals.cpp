#include "apps/signals.hpp"

#include <unistd.h>

#include <csignal>

namespace engram::apps {

namespace {

volatile std::sig_atomic_t stop_signal = 0;
volatile std::sig_atomic_t asked = 0;  // by SIGINT or SIGTERM
volatile std::sig_atomic_t checkpoint_requested = 0;

void on_warning(int signal) {
  if (!stop_signal) stop_signal = signal;
}
void on_stop(int signal) {
  if (asked) ::_exit(128 + signal);
  asked = 1;
  on_warning(signal);
}
void on_wish(int) { checkpoint_requested = 1; }

const struct {
  int signal;
  void (*act)(int);
} handled[] = {{SIGINT, on_stop},     {SIGTERM, on_stop}, {SIGHUP, on_warning}, {SIGXCPU, on_warning},
               {SIGUSR2, on_warning}, {SIGUSR1, on_wish}, {SIGXFSZ, SIG_IGN},   {SIGPIPE, SIG_IGN}};

}  // namespace

struct SignalScope::Previous {
  struct sigaction action[sizeof handled / sizeof *handled];
};

SignalScope::SignalScope() : previous_(new Previous) {
  stop_signal = 0;
  asked = 0;
  checkpoint_requested = 0;
  for (std::size_t i = 0; i < sizeof handled / sizeof *handled; ++i) {
    struct sigaction action {};
    action.sa_handler = handled[i].act;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    ::sigaction(handled[i].signal, nullptr, &previous_->action[i]);
    if (previous_->action[i].sa_handler != SIG_IGN) ::sigaction(handled[i].signal, &action, nullptr);
  }
}

SignalScope::~SignalScope() {
  for (std::size_t i = 0; i < sizeof handled / sizeof *handled; ++i)
    ::sigaction(handled[i].signal, &previous_->action[i], nullptr);
  delete previous_;
}

int SignalScope::stop() { return stop_signal; }

bool SignalScope::take_checkpoint_request() {
  if (!checkpoint_requested) return false;
  checkpoint_requested = 0;
  return true;
}

}  // namespace engram::apps
