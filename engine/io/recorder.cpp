#include "engine/io/recorder.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/io/names.hpp"
#include "engine/io/npy.hpp"

namespace engram::io {

namespace {

template <class T>
void put_number(std::string& out, T x) {
  char text[40];
  out.append(text, std::to_chars(text, text + sizeof text, x).ptr);  // the shortest form that reads back equal
}

}  // namespace

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::uint64_t RunRecorder::Stream::end() const { return written + (type.empty() ? 0 : npy_header_bytes); }

RunRecorder::RunRecorder(OwnFiles& files, Selections selections, const std::vector<std::string>& swept)
    : files_(files), selections_(std::move(selections)) {
  if (selections_.empty()) selections_.emplace_back();
  due_.assign(selections_.size(), yes);
  const auto begin = [&](const char* file, std::string header) {
    for (const std::string& name : swept) header += "," + csv_cell(name);
    header += "\n";
    grow(streams_[file], header.data(), header.size());
  };
  begin(metrics_file, "time,replica,layer,unit,attribute,value,seed,phase");
  begin(results_file, "point,replica,seed,quantity,index,value");
}

void RunRecorder::begin_point(const std::string& subfolder, const std::vector<NetworkCells>& networks) {
  file_of_.clear();
  before_last_.clear();
  subfolder_ = subfolder;
  networks_ = networks;
  phase_ = {};
  make_tails();
}

/// What ends the rows of each network: they are many, and it changes with the phase alone.
void RunRecorder::make_tails() {
  tails_.clear();
  for (const NetworkCells& network : networks_) {
    std::string tail = "," + network.seed + "," + csv_cell(phase_.label);
    for (const std::string& value : network.swept) tail += "," + csv_cell(value);
    tails_.push_back(tail + "\n");
  }
}

void RunRecorder::begin_tick(Tick t, const PhaseSpan& phase) {
  write_late();
  if (phase.begin != phase_.begin || phase.end != phase_.end || phase.label != phase_.label) {
    const bool renamed = phase.label != phase_.label;
    phase_ = phase;
    concluded_ = false;
    before_last_.clear();
    if (renamed) make_tails();
  }
  set_due(t, t);
}

void RunRecorder::begin_end() {
  write_late();
  before_end_ = position();
  if (!concluded_) before_conclusion_ = before_end_, concluded_ = true;
  if (!phase_.label.empty()) {
    phase_.label.clear();
    make_tails();
  }
  std::fill(due_.begin(), due_.end(), yes);
}

nlohmann::json RunRecorder::before_conclusion() const {
  if (!concluded_ && before_last_.empty()) return {};
  nlohmann::json all = concluded_ ? before_conclusion_ : position();
  for (const auto& [file, bytes] : before_last_)
    if (all.contains(file)) all[file]["bytes"] = std::min(all[file]["bytes"].get<std::uint64_t>(), bytes);
  return all;
}

void RunRecorder::restore_conclusion(nlohmann::json position) {
  concluded_ = !position.is_null();
  before_conclusion_ = std::move(position);
}

void RunRecorder::set_due(Tick first, Tick last) {
  for (std::size_t i = 0; i < selections_.size(); ++i)
    due_[i] = !selections_[i].has_tick(first, last, phase_.end) || !selections_[i].has_phase(phase_.label) ? no
              : selections_[i].has_multiple(first, last)                                                   ? yes
                                                                                                           : as_last;
}

bool RunRecorder::only_as_last(std::string_view name) const {
  bool last = false;
  for (std::size_t i = 0; i < selections_.size(); ++i)
    if (due_[i] != no && selections_[i].names(name)) {
      if (due_[i] == yes) return false;
      last = true;
    }
  return last;
}

/// The rows that a longer phase would not have can be cut off, as nothing else stands behind them.
void RunRecorder::write_late() {
  if (late_.empty()) return;
  Stream& metrics = streams_[metrics_file];
  before_last_.try_emplace(metrics_file, metrics.written + metrics.buffer.size());
  grow(metrics, late_.data(), late_.size());
  late_.clear();
}

void RunRecorder::covers(Tick first, Tick last) { set_due(first, last); }

void RunRecorder::concludes() {
  write_late();
  if (!concluded_) before_conclusion_ = position();
  concluded_ = true;
  set_due(0, 0);
}

void RunRecorder::add_results(const std::string& lines) { grow(streams_[results_file], lines.data(), lines.size()); }

bool RunRecorder::wants(std::string_view name) const {
  for (std::size_t i = 0; i < selections_.size(); ++i)
    if (due_[i] != no && selections_[i].names(name)) return note(name), true;
  return false;
}

Tick RunRecorder::next_wanted(std::string_view name, Tick t) const {
  Tick next = no_tick;
  for (const Selection& one : selections_) {
    if (!one.names(name) || !one.has_phase(phase_.label)) continue;
    const Tick multiple = (t + one.every - 1) / one.every * one.every;
    if (multiple < phase_.end) next = std::min(next, multiple);
    if (one.last && phase_.end > t) next = std::min(next, phase_.end - 1);
  }
  return next;
}

std::span<const Index> RunRecorder::units(std::string_view name) const {
  for (const Selection& one : selections_)
    if (one.names(name)) return one.units;
  return {};
}

/// Notes which names of the selections stand for something.
void RunRecorder::note(std::string_view name) const {
  for (const Selection& one : selections_)
    for (const std::string& series : one.series)
      if (!matched_.contains(series) && is_or_lies_below(name, series)) matched_.insert(series);
}

std::vector<std::string> RunRecorder::unmatched() const {
  std::vector<std::string> all;
  for (const Selection& one : selections_)
    for (const std::string& series : one.series)
      if (!matched_.contains(series) && std::find(all.begin(), all.end(), series) == all.end()) all.push_back(series);
  return all;
}

void RunRecorder::metric(Tick time, Index replica, std::string_view layer, std::string_view attribute, double value,
                         std::int64_t unit) {
  if (!wants(attribute)) return;
  if (const auto wanted = units(attribute); unit >= 0 && !wanted.empty())
    if (!std::binary_search(wanted.begin(), wanted.end(), static_cast<Index>(unit))) return;
  std::string row;
  put_number(row, time);
  row += ',';
  put_number(row, replica);
  row += ',' + csv_cell(layer) + ',';
  if (unit >= 0) put_number(row, unit);
  row += ',' + csv_cell(attribute) + ',';
  put_number(row, std::isnan(value) ? std::abs(value) : value);  // what is undefined has no sign
  row += tails_.empty() ? ",,\n" : tails_[replica % tails_.size()];
  if (only_as_last(attribute))
    late_ += row;
  else
    grow(streams_[metrics_file], row.data(), row.size());
}

template <class T>
void RunRecorder::append_values(std::string_view name, std::span<const T> values, std::size_t width) {
  if (!wants(name)) return;
  auto found = file_of_.find(name);
  if (found == file_of_.end()) {
    const std::string file = subfolder_ + safe_path(name) + ".npy";
    found = file_of_.emplace(name, file).first;
    Stream& fresh = streams_[file];
    if (fresh.type.empty()) fresh.type = npy_type<T>(), fresh.width = width;
  }
  Stream& stream = streams_.at(found->second);
  if (stream.type != npy_type<T>() || stream.width != width || width == 0 || values.size() % width)
    throw Error("column \"" + std::string(name) + "\" takes rows of " + std::to_string(stream.width) +
                " values of type " + stream.type);
  if (only_as_last(name)) before_last_.try_emplace(found->second, stream.written + stream.buffer.size());
  grow(stream, values.data(), values.size_bytes());
}

void RunRecorder::append(std::string_view name, std::span<const std::uint64_t> values, std::size_t width) {
  append_values(name, values, width);
}
void RunRecorder::append(std::string_view name, std::span<const std::uint32_t> values, std::size_t width) {
  append_values(name, values, width);
}
void RunRecorder::append(std::string_view name, std::span<const double> values, std::size_t width) {
  append_values(name, values, width);
}
void RunRecorder::append(std::string_view name, std::span<const float> values, std::size_t width) {
  append_values(name, values, width);
}

}  // namespace engram::io
