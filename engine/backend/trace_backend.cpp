#include "engine/backend/trace_backend.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cmath>
#include <memory>
#include <sstream>

#include "engine/io/file.hpp"

namespace engram {

/// Operations are seen whole, so nothing is taken in turn.
TraceBackend::TraceBackend(Backend& inner) : inner_(inner), info_(inner.info()) { info_.jobs = 0; }

template <class T>
void TraceBackend::record_rows(const char* operation, const char* array, const T* data, std::size_t rows,
                               std::size_t length, std::size_t stride, const std::vector<Index>* lengths) {
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(), XXH3_freeState);
  XXH3_64bits_reset(state.get());
  std::vector<T> row(length);
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t used = lengths ? (*lengths)[r] : length;
    if (used > length)
      throw Error(std::string(operation) + ": list " + std::to_string(r) + " counts " + std::to_string(used) +
                  " units, but has room for " + std::to_string(length));
    if (used == 0) continue;
    inner_.download(row.data(), data + r * stride, used * sizeof(T));
    if constexpr (std::is_floating_point_v<T>)
      for (T& x : row)
        if (std::isnan(x)) x = static_cast<T>(NAN);
    XXH3_64bits_update(state.get(), row.data(), used * sizeof(T));
  }
  lines_.push_back({tick_, operation, array, XXH3_64bits_digest(state.get())});
}

template <class T>
void TraceBackend::record_batch(const char* operation, const char* array, const Batch<T>& values) {
  record_rows(operation, array, static_cast<const T*>(values.data), values.stride ? values.batches : 1, values.units,
              values.stride);
}

void TraceBackend::record_lists(const char* operation, const Active& lists) {
  std::vector<Index> counts(lists.stride ? lists.batches : 1);
  inner_.download(counts.data(), lists.count, counts.size() * sizeof(Index));
  const std::size_t room = lists.stride ? lists.stride : lists.units;
  record_rows(operation, "count", static_cast<const Index*>(lists.count), 1, counts.size(), 0);
  record_rows(operation, "index", static_cast<const Index*>(lists.index), counts.size(), room, room, &counts);
  if (lists.value)
    record_rows(operation, "value", static_cast<const real*>(lists.value), counts.size(), room, room, &counts);
}

void TraceBackend::record_weights(const Synapses& synapses) {
  if (const auto* dense = std::get_if<DenseView>(&synapses)) {
    const std::size_t rows = std::size_t{dense->replicas} * dense->planes * dense->n_pre;
    record_rows("sweep", "weight", static_cast<const real*>(dense->weight), rows, dense->n_post, dense->pitch);
  } else if (const auto* outgoing = std::get_if<OutgoingView>(&synapses)) {
    std::uint64_t count = 0;
    inner_.download(&count, outgoing->row_start + std::size_t{outgoing->n_pre} * outgoing->replicas, sizeof count);
    record_rows("sweep", "weight", static_cast<const real*>(outgoing->weight), 1, count, 0);
  } else {
    const auto& incoming = std::get<IncomingView>(synapses);
    Index blocks = 0;
    inner_.download(&blocks, incoming.taken, sizeof blocks);
    record_rows("sweep", "weight", static_cast<const real*>(incoming.weight), incoming.planes,
                std::size_t{blocks} * block_size, incoming.plane_stride());
  }
}

void TraceBackend::sweep(const Synapses& synapses, const Sweep& sweep) {
  inner_.sweep(synapses, sweep);
  const bool scaled = static_cast<bool>(sweep.scaling.scale);
  if (sweep.learn || (sweep.normalize_to && !scaled)) record_weights(synapses);
  if (scaled && sweep.normalize_to) record_batch("sweep", "scale", sweep.scaling.scale);
  if (scaled && (sweep.learn || sweep.normalize_to)) record_batch("sweep", "sum", sweep.scaling.sum);
  if (sweep.drive) record_batch("sweep", "drive", sweep.drive);
  if (sweep.strong.mean) record_batch("sweep", "mean", sweep.strong.mean);
}

void TraceBackend::record_columns(const char* operation, const UnitRule& rule, UnitColumns columns) {
  const std::size_t written = std::visit([](const auto& r) { return std::decay_t<decltype(r)>::n_written; }, rule);
  for (std::size_t c = 0; c < written; ++c)
    record_batch(operation, ("column_" + std::to_string(c)).c_str(), columns[c]);
}

void TraceBackend::update(const UnitRule& rule, UnitColumns columns, const Segments& segments,
                          Batch<const real> shared) {
  inner_.update(rule, columns, segments, shared);
  record_columns("update", rule, columns);
}

void TraceBackend::update_in_order(const UnitRule& rule, UnitColumns columns, Batch<const real> shared,
                                   const DenseView& weights, Batch<const Index> order, Index group) {
  inner_.update_in_order(rule, columns, shared, weights, order, group);
  record_columns("update_in_order", rule, columns);
}

void TraceBackend::select_top_k(Batch<const real> score, Index k, const Active& winners) {
  inner_.select_top_k(score, k, winners);
  record_lists("select_top_k", winners);
}

void TraceBackend::collect(Batch<const real> x, real above, const Active& out) {
  inner_.collect(x, above, out);
  record_lists("collect", out);
}

void TraceBackend::summarize(Batch<const real> x, const Segments& segments, const Summary& summary, Batch<real> out) {
  inner_.summarize(x, segments, summary, out);
  record_batch("summarize", "out", out);
}

void TraceBackend::gather(Batch<const real> from, Span<const Index> at, Batch<real> to) {
  inner_.gather(from, at, to);
  to.units = static_cast<Index>(at.size);
  record_batch("gather", "to", to);
}

void TraceBackend::sample(const Distribution& distribution, Span<const std::uint64_t> seeds, Stream stream, Tick tick,
                          Batch<real> out) {
  inner_.sample(distribution, seeds, stream, tick, out);
  record_batch("sample", "out", out);
}

Extension* TraceBackend::find_extension(ExtensionId id) {
  for (const auto& [known, extension] : extensions_)
    if (known == id) return extension;
  Extension* const inner = inner_.find_extension(id);
  return extensions_.emplace_back(id, inner ? inner->traced(*this) : nullptr).second;
}

namespace {
constexpr const char* head = "engram-trace-1";
}

void TraceFile::write(const std::string& path) const {
  std::ostringstream out;
  out.exceptions(std::ios::badbit);  // a lack of memory would cut the file
  out << head << ' ' << precision << ' ' << steps << '\n';
  for (const Entry& entry : entries) {
    out << "case " << entry.name << '\n';
    for (const TraceLine& line : entry.lines) {
      char hash[17];
      std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(line.hash));
      out << line.tick << ' ' << line.operation << ' ' << line.array << ' ' << hash << '\n';
    }
  }
  io::replace_file(path, out.str());
}

TraceFile TraceFile::read(const std::string& path) {
  std::istringstream in(io::read_file(path, std::uint64_t{1} << 30));
  in.exceptions(std::ios::badbit);  // a lack of memory would look like the end
  std::string text, version;
  std::getline(in, text);
  TraceFile file;
  std::istringstream first(text);
  if (!(first >> version >> file.precision >> file.steps) || version != head)
    throw IoError(path + ":1: not a trace of this version; it should begin with \"" + head + " <precision> <steps>\"");
  if (file.precision != precision_name)
    throw IoError(path + ": the trace was recorded in " + file.precision + " precision, this program computes in " +
                  precision_name);
  for (std::size_t number = 2; std::getline(in, text); ++number) {
    if (text.starts_with("case ")) {
      file.entries.push_back({text.substr(5), {}});
      continue;
    }
    std::istringstream words(text);
    words.exceptions(std::ios::badbit);
    TraceLine line;
    if (file.entries.empty() || !(words >> line.tick >> line.operation >> line.array >> std::hex >> line.hash) ||
        !(words >> std::ws).eof())
      throw IoError(path + ":" + std::to_string(number) +
                    ": expected \"case <name>\" or \"<tick> <operation> <array> <hash>\", found \"" +
                    text.substr(0, 80) + "\"");
    file.entries.back().lines.push_back(std::move(line));
  }
  return file;
}

const TraceFile::Entry* TraceFile::find(const std::string& name) const {
  for (const Entry& entry : entries)
    if (entry.name == name) return &entry;
  return nullptr;
}

}  // namespace engram
