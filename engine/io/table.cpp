#include "engine/io/table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>

#include "engine/io/file.hpp"

namespace engram::io {

namespace {

constexpr std::uint64_t max_bytes = std::uint64_t{4} << 30;

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// Cells of the text, line by line; none is longer than its line, for nobody quotes a line end in a table of numbers.
class Lines {
 public:
  Lines(std::string_view text, const fs::path& path) : text_(text), path_(path) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }
  [[noreturn]] void fail(const std::string& what) const {
    std::string said = what;
    for (auto at = said.find('\0'); at != std::string::npos; at = said.find('\0')) said.replace(at, 1, "\\0");
    throw TableError(path_.string() + ":" + std::to_string(std::max<std::size_t>(number_, 1)) + ": " + said);
  }
  bool next(std::vector<std::string>& cells) {
    if (text_.empty()) return false;
    ++number_;
    const auto end = std::min(text_.find('\n'), text_.size());
    std::string_view line = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    cells.clear();
    bool more = true;
    while (more) cells.push_back(cell(line, more));
    // Some programs end every line with a comma; one line that does so alone has a cell too many, or lacks one.
    const bool ends = cells.size() > 1 && cells.back().empty();
    if (number_ == 1) comma_ends_ = ends;
    if (comma_ends_ && ends) cells.pop_back();
    if (comma_ends_ && !ends) fail("the first line ends with a comma, this one does not");
    return true;
  }

 private:
  /// Takes the first cell from the line; whether a comma follows it.
  std::string cell(std::string_view& line, bool& more) const {
    const auto begin = std::min(line.find_first_not_of(" \t"), line.size());
    if (!line.substr(begin).starts_with('"')) {
      const auto comma = line.find(',');
      const std::string text(trimmed(line.substr(0, comma)));
      more = comma != std::string_view::npos;
      line.remove_prefix(more ? comma + 1 : line.size());
      return text;
    }
    line.remove_prefix(begin + 1);
    std::string text;
    while (true) {
      const auto quote = line.find('"');
      if (quote == std::string_view::npos) fail("a quote without its end");
      text += line.substr(0, quote);
      line.remove_prefix(quote + 1);
      if (!line.starts_with('"')) break;
      text += '"';  // two stand for one
      line.remove_prefix(1);
    }
    const auto comma = line.find(',');
    if (!trimmed(line.substr(0, comma)).empty()) fail("text after a quoted cell");
    more = comma != std::string_view::npos;
    line.remove_prefix(more ? comma + 1 : line.size());
    return text;
  }

  std::string_view text_;
  const fs::path& path_;
  std::size_t number_ = 0;
  bool comma_ends_ = false;  ///< each line
};

std::optional<double> number_of(const std::string& cell) {
  std::string_view text = trimmed(cell);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Whether a first line is a row already: no name of a column is a number, unless "label" stands among them.
bool is_row(const Lines& lines, const std::vector<std::string>& cells, bool labelled) {
  const auto is_number = [](const std::string& cell) { return number_of(cell).has_value(); };
  const auto word = std::find_if_not(cells.begin(), cells.end(), is_number);
  if (word == cells.end()) return true;
  if (labelled) return false;
  if (word->empty() && cells.size() == 1) lines.fail("the first line is empty");
  if (word->empty())
    lines.fail("column " + std::to_string(word - cells.begin() + 1) +
               " has no name; row numbers of pandas are left out by index=False");
  if (const auto number = std::find_if(cells.begin(), cells.end(), is_number); number != cells.end())
    lines.fail("found \"" + number->substr(0, 40) + "\" and \"" + word->substr(0, 40) +
               "\": the first line has to be names alone, or numbers alone");
  return false;
}

std::vector<std::string> read_names(Lines& lines) {
  std::vector<std::string> names;
  if (!lines.next(names)) lines.fail("the table is empty");
  std::set<std::string> seen;
  for (const std::string& name : names)
    if (name == "label" && !seen.insert(name).second) lines.fail("two columns are called \"label\"");
  return names;
}

}  // namespace

Table read_table(const fs::path& path, double largest, const std::string& left_out) {
  const std::string text = read_file(path, max_bytes);
  Lines lines(text, path);
  std::vector<std::string> cells = read_names(lines);
  Table table{cells, {}};
  const std::size_t columns = cells.size();
  const auto unread =
      left_out.empty() ? table.names.end() : std::find(table.names.begin(), table.names.end(), left_out);
  const auto skipped = static_cast<std::size_t>(unread - table.names.begin());
  if (unread != table.names.end()) table.names.erase(unread);
  if (table.names.empty()) lines.fail("has no column but \"" + left_out + "\"");
  bool more = true;
  if (is_row(lines, cells, skipped < columns))
    for (std::size_t column = 0; column < columns; ++column) table.names[column] = std::to_string(column);
  else
    more = lines.next(cells);
  for (; more; more = lines.next(cells)) {
    if (cells.size() != columns)
      lines.fail("found " + std::to_string(cells.size()) + " cells, the first line has " + std::to_string(columns));
    for (std::size_t column = 0; column < columns; ++column) {
      if (column == skipped) continue;
      const std::string& cell = cells[column];
      const auto value = number_of(cell);
      if (!value || !(std::abs(*value) <= largest))
        lines.fail("found \"" + cell.substr(0, 40) + "\", expected " +
                   (largest < 1e15 ? "a number of magnitude up to " + std::to_string(static_cast<long long>(largest))
                                   : "a finite number"));
      table.values.push_back(*value);
    }
  }
  if (table.values.empty()) lines.fail("found no rows");
  return table;
}

}  // namespace engram::io
