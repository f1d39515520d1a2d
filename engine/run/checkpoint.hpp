// The state of a task as named tensors, and back. The host layout is canonical, so a state saved on one backend
// continues on another.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/io/safetensors.hpp"
#include "engram/run/task.hpp"

namespace engram {

inline constexpr const char* checkpoint_format = "engram-checkpoint/1";

/// Replaces a file by the state of a task: its arrays as tensors, what JSON state it has as metadata under "state
/// NAME", beside `metadata`. One array after the other, so that no second memory of all of them is needed.
void save_state(Task& task, io::Replacement& file, std::map<std::string, std::string> metadata);
/// The same, or a NumericError that names the first value which is not finite; then the file stays as it was.
void save_finite_state(Task& task, Tick tick, io::Replacement& file, std::map<std::string, std::string> metadata);
/// Saves whatever shows itself to a visitor.
void save_state(const std::function<void(StateVisitor&)>& show, io::Replacement& file,
                std::map<std::string, std::string> metadata);

/// Throws IoError unless the file holds exactly the state that the task asks for.
void restore_state(Task& task, const io::SafetensorsFile& file);

/// Restores what shows itself to a visitor, such as the network of a run whose phases were others, and leaves what else
/// the file holds.
void restore_part(const std::function<void(StateVisitor&)>& show, const io::SafetensorsFile& file);

/// Throws NumericError naming the first value of the state that is not finite.
void check_finite(Task& task, Tick tick);
/// Checks whatever shows its values to a visitor; `where` begins the message.
void check_finite(const std::function<void(StateVisitor&)>& show, const std::string& where);

}  // namespace engram
