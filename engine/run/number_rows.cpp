#include "engine/run/number_rows.hpp"

#include <algorithm>

#include "engine/io/checksum.hpp"

namespace engram {

namespace {

constexpr std::uint64_t max_block_values = 1 << 15;

std::string checksum_of(const std::vector<double>& values) {
  return io::checksum(values.data(), values.size() * sizeof(double));
}

}  // namespace

struct NumberRows::Block {
  io::NumberFile file;
  std::uint64_t rows;                  ///< in a full block
  std::vector<std::string> checksums;  ///< of each block, when the file was checked
  std::uint64_t number = ~std::uint64_t{0};
  std::vector<double> values;

  /// Those that are there of this block.
  void load(std::uint64_t wanted) {
    const std::uint64_t first = wanted * rows, columns = file.columns();
    values.clear();
    file.read(first * columns, std::min(rows, file.rows() - first) * columns, values);
    number = wanted;
  }
};

NumberRows NumberRows::read(const ConfigReader& given, Range range) {
  NumberRows all;
  if (!given.exists()) return all;
  const std::size_t before = given.problems();
  const bool in_file = given_as_file(given);
  const std::string path = in_file ? given.file("file") : "", tensor = in_file ? given.get_or("tensor", "") : "";
  if (given.problems() != before) return all;
  if (!io::NumberFile::is_one(path)) {
    all.hold(given, range);
    return all;
  }
  given.takes_content([&] { all.read_file(given, path, tensor, range); });
  return all;
}

void NumberRows::hold(const ConfigReader& given, Range range) {
  const auto rows = given.as<std::vector<std::vector<double>>>(range);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].size() != rows[0].size())
      return given.problem_at(std::to_string(i), "found " + std::to_string(rows[i].size()) +
                                                     " values, the rows before have " + std::to_string(rows[0].size()));
    held_.insert(held_.end(), rows[i].begin(), rows[i].end());
  }
  rows_ = rows.size();
  columns_ = rows.empty() ? 0 : rows[0].size();
}

void NumberRows::read_file(const ConfigReader& given, const std::string& path, const std::string& tensor, Range range) {
  io::NumberFile file(path, tensor);
  const std::uint64_t columns = file.columns();
  if (file.size() == 0) return given.problem("file", path + ": holds no number");
  if (file.shape().size() < 2) return given.problem("expected rows of numbers, found an array of one dimension");
  const std::uint64_t rows = std::max<std::uint64_t>(1, max_block_values / columns), total = file.rows();
  auto block = std::make_shared<Block>(Block{std::move(file), rows, {}, ~std::uint64_t{0}, {}});
  for (std::uint64_t number = 0; number * rows < total; ++number) {
    block->load(number);
    for (std::size_t i = 0; i < block->values.size(); ++i) {
      const double value = block->values[i];
      if (value >= range.min && value <= range.max) continue;
      return given.problem("file", "row " + std::to_string(number * rows + i / columns) + ", column " +
                                       std::to_string(i % columns) + " (from 0): found " + shown(value) +
                                       "; allowed are " + shown_range(range.min, range.max));
    }
    block->checksums.push_back(checksum_of(block->values));
  }
  rows_ = total;
  columns_ = columns;
  block_ = std::move(block);
}

std::span<const double> NumberRows::operator[](std::uint64_t row) const {
  if (!block_) return std::span(held_).subspan(row * columns_, columns_);
  Block& block = *block_;
  if (const std::uint64_t wanted = row / block.rows; wanted != block.number) {
    block.load(wanted);
    if (checksum_of(block.values) != block.checksums[wanted])
      throw IoError(block.file.name() + ": rows from " + std::to_string(wanted * block.rows) +
                    " on changed while the run went on; put that file back and resume the run");
  }
  return std::span<const double>(block.values).subspan(row % block.rows * columns_, columns_);
}

std::size_t NumberRows::bytes() const {
  constexpr std::size_t digits = 48;  // of the checksum of a block, as a string
  const std::size_t held = held_.size() * sizeof(double);
  return block_ ? block_->rows * columns_ * sizeof(double) + block_->checksums.size() * digits : held;
}

}  // namespace engram
