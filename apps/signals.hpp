// Signals during a run: those that ask it to stop do so in order, and SIGUSR1 asks for a checkpoint.
#pragma once

namespace engram::apps {

/// While it lives, SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGUSR2 and SIGUSR1 only leave a note; SIGXFSZ and SIGPIPE become
/// errors of the write. A second SIGINT or SIGTERM leaves at once: a closing terminal and a limit of the batch system
/// send the others more than once. What the parent of this process has ignored, as nohup does, stays ignored.
class SignalScope {
 public:
  SignalScope();
  ~SignalScope();
  SignalScope(const SignalScope&) = delete;
  SignalScope& operator=(const SignalScope&) = delete;

  /// The signal that asked to stop, or 0.
  static int stop();
  /// Whether SIGUSR1 asked for a checkpoint since the last call.
  static bool take_checkpoint_request();

 private:
  struct Previous;
  Previous* previous_;
};

}  // namespace engram::apps
