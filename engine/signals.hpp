// Signals during a run: the first SIGINT or SIGTERM asks for an orderly stop, the second leaves at once.
#pragma once

namespace engram {

/// While it lives, SIGINT, SIGTERM and SIGUSR1 only leave a note; SIGXFSZ and SIGPIPE become errors of the write.
class SignalScope {
 public:
  SignalScope();
  ~SignalScope();
  SignalScope(const SignalScope&) = delete;
  SignalScope& operator=(const SignalScope&) = delete;

  /// The signal that asked to stop, or 0.
  static int stop();
  /// Whether SIGUSR1 asked for a checkpoint since the last call.
  static bool take_checkpoint_wish();

 private:
  struct Previous;
  Previous* previous_;
};

}  // namespace engram
