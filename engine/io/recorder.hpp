// What a run writes as it goes: metrics.csv and one NPY file a column, appended in chunks.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "engine/io/own_files.hpp"
#include "engram/run/task.hpp"

namespace engram::io {

/// Which rows are kept: "record" of an experiment.
struct Selection {
  Tick every = 1;
  std::vector<std::string> series;  ///< attributes, columns, or leading folders of columns; empty: all
};

/// Buffers are written out together when they exceed 16 MiB, so memory is bounded whatever the number of columns. No
/// file stays open between writes.
class RunRecorder : public Recorder {
 public:
  static constexpr const char* metrics_file = "metrics.csv";
  /// `files` may be opened later, before the first flush. `grid_names` become further columns of metrics.csv.
  RunRecorder(OwnFiles& files, Selection selection, const std::vector<std::string>& grid_names);

  /// Begins a point of the grid: its columns go to `subfolder`, its values stand in its rows.
  void begin_point(const std::string& subfolder, const std::vector<std::string>& grid_values);
  /// Rows up to the next call belong to tick t; those of all ticks are kept once `t` is `always`.
  static constexpr Tick always = ~Tick{0};
  void begin_tick(Tick t) { keep_ = t == always || t % selection_.every == 0; }

  bool wants(std::string_view name) const override { return keep_ && selected(name); }
  void metric(Tick time, Index replica, std::string_view layer, std::string_view attribute, double value,
              std::int64_t unit) override;
  void append(std::string_view name, std::span<const std::uint64_t> values, std::size_t width) override;
  void append(std::string_view name, std::span<const std::uint32_t> values, std::size_t width) override;
  void append(std::string_view name, std::span<const double> values, std::size_t width) override;
  void append(std::string_view name, std::span<const float> values, std::size_t width) override;

  void flush();
  /// Flushes and makes it last: a checkpoint may then refer to it.
  void sync();
  /// Where each file ends, for a checkpoint.
  nlohmann::json position() const;
  /// Cuts every file back to a position, which is checked first; files that did not exist then are removed.
  void restore(const nlohmann::ordered_json& position);
  /// All files written, relative to the folder, with their bytes.
  std::map<std::string, std::uint64_t> files() const;
  /// Names in the selection that nothing matched.
  std::vector<std::string> unmatched() const;

 private:
  struct Stream {
    std::string type;  ///< of NPY values; empty: text
    std::uint64_t width = 1;
    std::uint64_t written = 0;  ///< bytes in the file, without the NPY header
    std::string buffer;
    bool made = false;      ///< the file exists
    bool unsynced = false;  ///< what was written is not yet durable
    bool torn = false;      ///< a write failed: the file may be longer than `written` says
    std::uint64_t row_bytes() const { return static_cast<std::uint64_t>(type.back() - '0') * width; }
    std::uint64_t end() const;  ///< of the file
  };

  bool selected(std::string_view name) const;
  template <class T>
  void append_values(std::string_view name, std::span<const T> values, std::size_t width);
  void grow(Stream& stream, const void* data, std::size_t bytes);
  static Stream read_stream(const std::string& file, const nlohmann::ordered_json& at);
  void claim_new(bool durable);
  void write_out(const std::string& file, Stream& stream, bool durable);
  Descriptor open(const std::string& file, Stream& stream);

  OwnFiles& files_;
  Selection selection_;
  std::string subfolder_, grid_cells_;
  std::map<std::string, Stream> streams_;                    ///< by file, relative to the folder
  std::map<std::string, std::string, std::less<>> file_of_;  ///< of this point, by column
  std::set<std::string> folders_;                            ///< in which files were made that are not yet durable
  mutable std::set<std::string> matched_;
  std::size_t buffered_ = 0;
  bool keep_ = true;
};

}  // namespace engram::io
