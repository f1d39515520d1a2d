// What a run writes as it goes: metrics.csv, results.csv and one NPY file a column, appended in chunks.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "engine/io/own_files.hpp"
#include "engram/run/selection.hpp"
#include "engram/run/task.hpp"

namespace engram::io {

/// The cells that tell a row's network: its seed, and a value for each of the further columns.
struct NetworkCells {
  std::string seed;
  std::vector<std::string> swept;
};

/// A cell of CSV text, in quotes where it needs them (RFC 4180).
std::string csv_cell(std::string_view text);

/// Buffers are written out together when they exceed 4 MiB, so memory is bounded whatever the number of columns. No
/// file stays open between writes.
class RunRecorder : public Recorder {
 public:
  static constexpr const char *metrics_file = "metrics.csv", *results_file = "results.csv";
  /// `files` may be opened later, before the first flush. Without a selection all is kept. `swept` become further
  /// columns of both tables.
  RunRecorder(OwnFiles& files, Selections selections, const std::vector<std::string>& swept);

  /// Begins a point of the grid: its columns go to `subfolder`; what tells its networks stands in their rows.
  void begin_point(const std::string& subfolder, const std::vector<NetworkCells>& networks);
  /// Rows up to the next call belong to tick t of this phase.
  void begin_tick(Tick t, const PhaseSpan& phase);
  /// Rows from here on belong to the end of the run, and are all kept that any selection names.
  void begin_end();
  /// Adds lines to results.csv.
  void add_results(const std::string& lines);

  bool wants(std::string_view name) const override;
  Tick next_wanted(std::string_view name, Tick t) const override;
  void covers(Tick first, Tick last) override;
  void concludes() override;
  std::span<const Index> units(std::string_view name) const override;
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
  /// Where each file ended before the rows that the present phase writes once, or as its last ones alone (null: it has
  /// written neither), and before those of the end of the run.
  nlohmann::json before_conclusion() const;
  const nlohmann::json& before_end() const { return before_end_; }
  /// Of a run that was stopped behind them.
  void restore_conclusion(nlohmann::json position);
  /// Names in the selections that nothing matched.
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

  void note(std::string_view name) const;
  void make_tails();
  void set_due(Tick first, Tick last);
  /// Whether rows of this name are kept for no other reason than that the phase ends here.
  bool only_as_last(std::string_view name) const;
  void write_late();
  template <class T>
  void append_values(std::string_view name, std::span<const T> values, std::size_t width);
  void grow(Stream& stream, const void* data, std::size_t bytes);
  static Stream read_stream(const std::string& file, const nlohmann::ordered_json& at);
  void claim_new(bool durable);
  /// Writes what its buffer holds; the file, open.
  Descriptor write_out(const std::string& file, Stream& stream);
  Descriptor open(const std::string& file, Stream& stream);

  OwnFiles& files_;
  Selections selections_;
  enum Due : char { no, as_last, yes };
  std::vector<Due> due_;  ///< which selections keep the rows that come now
  std::string late_;      ///< rows of metrics.csv that only `last` keeps: they stand behind the others of their tick
  std::map<std::string, std::uint64_t> before_last_;  ///< where files ended before such rows
  std::string subfolder_;
  std::vector<NetworkCells> networks_;  ///< of this point; network r has the cells r modulo their number
  std::vector<std::string> tails_;      ///< of the rows of each, from the seed on
  PhaseSpan phase_;
  bool concluded_ = false;
  nlohmann::json before_conclusion_, before_end_;
  std::map<std::string, Stream> streams_;                    ///< by file, relative to the folder
  std::map<std::string, std::string, std::less<>> file_of_;  ///< of this point, by column
  std::set<std::string> folders_;                            ///< in which entries were made that are not yet durable
  mutable std::set<std::string> matched_;
  std::size_t buffered_ = 0;
};

}  // namespace engram::io
