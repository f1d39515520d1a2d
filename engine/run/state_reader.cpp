#include "engram/run/state_reader.hpp"

#include "engram/run/config_reader.hpp"

namespace engram {

void StateReader::fail(const std::string& what) const { throw StateError(name_, what); }

StateReader StateReader::operator[](std::string_view key) const {
  if (!value_->is_object()) fail("an object is needed");
  const auto found = value_->find(key);
  if (found == value_->end()) fail("it lacks \"" + std::string(key) + "\"");
  return {*found, name_ + "/" + std::string(key)};
}

std::vector<std::pair<std::string, StateReader>> StateReader::members() const {
  if (!value_->is_object()) fail("an object is needed");
  std::vector<std::pair<std::string, StateReader>> all;
  for (const auto& [key, value] : value_->items()) all.emplace_back(key, StateReader(value, name_ + "/" + key));
  return all;
}

const nlohmann::json& StateReader::array() const {
  if (!value_->is_array()) fail("a list is needed");
  return *value_;
}

std::vector<StateReader> StateReader::items() const {
  std::vector<StateReader> all;
  for (const nlohmann::json& value : array()) all.emplace_back(value, name_ + "/" + std::to_string(all.size()));
  return all;
}

std::vector<StateReader> StateReader::items(std::size_t count) const {
  if (array().size() != count)
    fail("a list of " + std::to_string(array().size()) + ", expected " + std::to_string(count));
  return items();
}

bool StateReader::flag() const {
  if (!value_->is_boolean()) fail("true or false is needed");
  return value_->get<bool>();
}

std::string StateReader::text() const {
  if (!value_->is_string()) fail("a text is needed");
  return value_->get<std::string>();
}

std::uint64_t StateReader::whole(std::uint64_t most) const {
  const auto fits = [&] {
    if (value_->is_number_unsigned()) return value_->get<std::uint64_t>() <= most;
    return value_->is_number_integer() && value_->get<std::int64_t>() >= 0 && value_->get<std::uint64_t>() <= most;
  };
  if (!fits()) fail("found " + value_->dump().substr(0, 40) + ", allowed are integers of 0 to " + std::to_string(most));
  return value_->get<std::uint64_t>();
}

std::int64_t StateReader::integer(std::int64_t least, std::int64_t most) const {
  if (value_->is_number_integer() && !value_->is_number_unsigned() && value_->get<std::int64_t>() < 0) {
    if (value_->get<std::int64_t>() < least) fail("found " + value_->dump() + ", less than " + std::to_string(least));
    return value_->get<std::int64_t>();
  }
  return static_cast<std::int64_t>(whole(static_cast<std::uint64_t>(most)));
}

double StateReader::number(double least, double most) const {
  if (!value_->is_number()) fail("a number is needed");
  const double x = value_->get<double>();
  if (!(x >= least && x <= most))
    fail("found " + value_->dump() + ", allowed are " + nlohmann::json(least).dump() + " to " +
         nlohmann::json(most).dump());
  return x;
}

std::vector<double> StateReader::numbers(std::size_t count) const {
  if (array().size() != count)
    fail("a list of " + std::to_string(array().size()) + ", expected " + std::to_string(count));
  std::vector<double> all;
  for (const nlohmann::json& value : *value_) {
    if (!value.is_number()) fail("a list of numbers is needed");
    all.push_back(value.get<double>());
  }
  return all;
}

std::vector<bool> StateReader::flags(std::size_t count) const {
  if (array().size() != count)
    fail("a list of " + std::to_string(array().size()) + ", expected " + std::to_string(count));
  std::vector<bool> all;
  for (const nlohmann::json& value : *value_) {
    if (!value.is_boolean()) fail("a list of true and false is needed");
    all.push_back(value.get<bool>());
  }
  return all;
}

std::vector<Index> StateReader::ascending(Index units, std::size_t most) const {
  if (array().size() > most)
    fail("a list of " + std::to_string(array().size()) + ", at most " + std::to_string(most) + " fit");
  std::vector<Index> all;
  for (const nlohmann::json& value : *value_) {
    if (!value.is_number_integer() || value.get<std::int64_t>() < 0 || value.get<std::int64_t>() >= std::int64_t{units})
      fail("found " + value.dump().substr(0, 40) + " among " + std::to_string(units) + " units");
    if (!all.empty() && value.get<Index>() <= all.back()) fail("its units are not in ascending order");
    all.push_back(value.get<Index>());
  }
  return all;
}

nlohmann::ordered_json StateReader::results() const {
  try {
    auto parsed = parse_config(text(), name_, std::size_t{256} << 20);
    if (!parsed.is_object()) fail("an object is needed");
    return parsed;
  } catch (const ConfigError& error) {
    fail(error.what());
  }
}

}  // namespace engram
