// What tests read of run folders and write for them: tables, columns, states.
#pragma once

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "engine/io/npy.hpp"
#include "engine/io/safetensors.hpp"
#include "tests/testing/process.hpp"

namespace engram::test {

/// Cells of a CSV file without quotes, line by line.
inline std::vector<std::vector<std::string>> csv(const std::filesystem::path& path) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream in(slurp(path));
  for (std::string line; std::getline(in, line);) {
    auto& row = rows.emplace_back();
    std::istringstream cells(line + ",");
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
  }
  return rows;
}

/// The cells of a column, without its name.
inline std::vector<std::string> csv_column(const std::vector<std::vector<std::string>>& rows, const std::string& name) {
  const auto at = static_cast<std::size_t>(std::find(rows.at(0).begin(), rows.at(0).end(), name) - rows.at(0).begin());
  std::vector<std::string> cells;
  for (std::size_t r = 1; r < rows.size(); ++r) cells.push_back(rows[r].at(at));
  return cells;
}

template <class T>
std::vector<T> npy(const std::filesystem::path& path) {
  return io::read_npy(path).as<T>();
}

/// A matrix of doubles as NPY.
inline void write_matrix(const std::filesystem::path& path, const std::vector<std::vector<double>>& rows) {
  std::vector<double> all;
  for (const auto& row : rows) all.insert(all.end(), row.begin(), row.end());
  const std::uint64_t shape[] = {rows.size(), rows.front().size()};
  io::write_npy(path, "<f8", shape, all.data());
}

/// The bytes of all tensors of a state.
inline std::string tensors(const std::filesystem::path& run) {
  const io::SafetensorsFile file(run / "state.safetensors");
  std::string all;
  for (const std::string& name : file.names()) all += name + "\n" + file.read(name).bytes + "\n";
  return all;
}

}  // namespace engram::test
