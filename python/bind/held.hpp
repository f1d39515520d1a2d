// A network as Python holds it: with a backend of its own, used by one thread at a time, and not while arrays of it are
// lent out.
#pragma once

#include <pybind11/numpy.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/cpu/parallel.hpp"
#include "engram/backend.hpp"
#include "engram/core/place.hpp"
#include "engram/run/config_reader.hpp"
#include "engram/run/state_visitor.hpp"
#include "python/bind/arguments.hpp"

namespace engram::python {

using Seeds = std::vector<std::uint64_t>;

class Held {
 public:
  Held(const std::string& device, int threads)
      : device_(device), threads_(threads), backend_(make_backend(device, {threads})) {}
  virtual ~Held() = default;
  Backend& backend() { return *backend_; }
  int threads() const { return threads_; }
  /// Which of the CUDA devices.
  int device_number() const { return device_.starts_with("cuda:") ? std::stoi(device_.substr(5)) : 0; }
  virtual void show(StateVisitor&) = 0;
  /// What can be seen without a copy. It stays where it is until a method that asks need_unmoved().
  virtual std::vector<Place> lend(bool write) = 0;
  virtual void written() {}  ///< what was lent may have other values now
  /// Before memory that was lent moves: no view of it may be left.
  void need_unmoved(const char* what) const {
    if (views.use_count() > 1)
      throw NotNow(std::string("views of borrowed arrays of this network are kept, and ") + what +
                   " would move their memory; delete the views first, or call it on net.fork()");
  }

  std::atomic<bool> busy = false;
  std::atomic<int> lent = 0;                               ///< how many `with net.borrow()` are open
  std::shared_ptr<char> views = std::make_shared<char>();  ///< kept by every view of what was lent

 private:
  std::string device_;
  int threads_;
  std::unique_ptr<Backend> backend_;
};

/// The network is in use as long as this lives.
class InUse {
 public:
  explicit InUse(Held& held) : held_(held) {
    if (held.busy.exchange(true))
      throw std::runtime_error(
          "this network is in use by another thread; wait for it, or give each thread one of its own "
          "(net.fork())");
    if (held.lent == 0) return;
    held.busy = false;
    throw std::runtime_error("arrays of this network are borrowed; leave the `with net.borrow()` block first");
  }
  ~InUse() { held_.busy = false; }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;

 private:
  Held& held_;
};

/// Calls `work` while other threads of Python go on. The network is free again before this thread waits for the lock of
/// the interpreter: a thread that asks without end would else have it whenever another thread can look.
template <class F>
auto apart(Held& held, F&& work) {
  const py::gil_scoped_release released;
  const InUse in_use(held);
  return work();
}

/// The same for the constructor of a network, which is built by as many threads as it was given.
template <class F>
auto built(Held& held, F&& make) {
  const py::gil_scoped_release released;
  const cpu::ThreadLimit limit(held.threads());
  return make();
}

/// Hears Ctrl-C. To be called often while the lock of the interpreter is free; it is taken for at most every 40 ms.
class Signals {
 public:
  void check() {
    const auto now = std::chrono::steady_clock::now();
    if (now - heard_ < std::chrono::milliseconds(40)) return;
    heard_ = now;
    const py::gil_scoped_acquire held_again;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }

 private:
  std::chrono::steady_clock::time_point heard_ = std::chrono::steady_clock::now();
};

/// Calls piece(count) until all steps are done, so few at a time that Ctrl-C is heard within a tenth of a second; what
/// was done stays done. How steps are divided into calls changes no bit.
template <class F>
void in_pieces(Held& held, std::uint64_t steps, F&& piece) {
  using Clock = std::chrono::steady_clock;
  using namespace std::chrono_literals;
  apart(held, [&] {
    if (steps == 1) return piece(1);
    Signals signals;
    for (std::uint64_t most = 1; steps > 0;) {
      const std::uint64_t now = std::min(steps, most);
      const auto began = Clock::now();
      piece(now);
      steps -= now;
      const auto taken = Clock::now() - began;
      if (taken < 20ms && now == most)
        most *= 2;
      else if (taken > 60ms && most > 1)
        most /= 2;
      signals.check();
    }
  });
}

// ---- values from Python, and back

/// Numbers as one vector. ConfigError at `name` where they are none or lie on a device, where one is not finite, or
/// where their number is none of `sizes` (no sizes: any).
std::vector<real> reals(const py::handle& values, const std::string& name, std::vector<std::size_t> sizes = {});
std::vector<double> doubles(const py::handle& values, const std::string& name);

/// An array that owns these values; nothing is copied.
template <class T>
py::array_t<T> array(std::vector<T>&& values, const std::vector<std::size_t>& shape) {
  auto* kept = new std::vector<T>(std::move(values));
  const py::capsule owner(kept, [](void* p) { delete static_cast<std::vector<T>*>(p); });
  return py::array_t<T>(std::vector<py::ssize_t>(shape.begin(), shape.end()), kept->data(), owner);
}
template <class T>
py::array_t<T> array(std::vector<T>&& values) {
  return array(std::move(values), {values.size()});
}

/// Parameters as Python's json wrote them. `name` begins the paths of problems.
ConfigReader parameters(const std::string& json);
/// A number of units or the like; ConfigError where it is below one or beyond an Index.
Index count(std::uint64_t value, const std::string& name);

/// Methods that all networks have: state, files, what is lent.
void bind_held(py::module_& module);
void bind_experiments(py::module_& module);
void bind_attractor(py::module_& module);
void bind_assembly(py::module_& module);
void bind_brain(py::module_& module);
void bind_leabra(py::module_& module);
void bind_nef(py::module_& module);
void bind_operators(py::module_& module);
void bind_sorn(py::module_& module);

}  // namespace engram::python
