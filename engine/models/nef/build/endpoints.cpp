#include "engine/models/nef/build/endpoints.hpp"

#include "engram/run/config_reader.hpp"

namespace engram::nef {

namespace {

/// "rule", "rule2": the number behind a word.
bool split_word(const std::string& text, const std::string& word, std::size_t& number) {
  if (!text.starts_with(word)) return false;
  const std::string digits = text.substr(word.size());
  if (digits.size() > 4 || digits.find_first_not_of("0123456789") != std::string::npos) return false;
  number = digits.empty() ? 0 : std::stoul(digits);
  return true;
}

[[noreturn]] void unknown(const Network& network, const std::string& text, const std::string& path) {
  std::vector<std::string> names;
  for (const auto& [name, node] : network.nodes) names.push_back(name);
  for (const auto& [name, ensemble] : network.ensembles) names.insert(names.end(), {name, name + ".neurons"});
  for (const auto& [name, connection] : network.connections)
    for (std::size_t k = 0; k < connection.learning.size(); ++k) names.push_back(name + ".rule" + std::to_string(k));
  const std::string near = nearest(text, names);
  throw ConfigError(path, "there is no \"" + text + "\"" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

std::vector<Index> chosen(const std::vector<std::int64_t>& index, Index size, const std::string& path) {
  std::vector<Index> all;
  for (const std::int64_t i : index) {
    const std::int64_t at = i < 0 ? i + size : i;
    if (at < 0 || at >= size)
      throw ConfigError(path, "found " + std::to_string(i) + "; there are " + std::to_string(size) + " numbers");
    all.push_back(static_cast<Index>(at));
  }
  return all;
}

}  // namespace

bool is_regular(const std::vector<Index>& index) {
  for (std::size_t i = 2; i < index.size(); ++i)
    if (index[i] - index[i - 1] != index[1] - index[0]) return false;
  return index.size() < 2 || index[1] != index[0];
}

End find_end(const Network& network, const std::string& text, const std::vector<std::int64_t>& index,
             const std::string& path) {
  End end;
  const std::size_t dot = text.rfind('.');
  const std::string head = dot == std::string::npos ? text : text.substr(0, dot),
                    tail = dot == std::string::npos ? "" : text.substr(dot + 1);
  if (const Node* node = find_named(network.nodes, text)) {
    end = {EndKind::node, text, 0, size_out(*node), {}};
  } else if (const Ensemble* ensemble = find_named(network.ensembles, text)) {
    end = {EndKind::ensemble, text, 0, ensemble->dimensions, {}};
  } else if (const Ensemble* of = find_named(network.ensembles, head); of && tail == "neurons") {
    end = {EndKind::neurons, head, 0, of->neurons, {}};
  } else if (find_named(network.connections, text)) {
    end = {EndKind::connection, text, 0, 0, {}};
  } else if (const Connection* learned = find_named(network.connections, head)) {
    end.name = head;
    if (split_word(tail, "rule", end.rule))
      end.kind = EndKind::rule;
    else if (split_word(tail, "gate", end.rule))
      end.kind = EndKind::gate;
    else
      unknown(network, text, path);
    if (end.rule >= learned->learning.size())
      throw ConfigError(path, "\"" + head + "\" has " + std::to_string(learned->learning.size()) +
                                  " learning rules; they count from 0");
    end.size = end.kind == EndKind::gate ? 1 : rule_size(network, head, *learned, end.rule);
  } else {
    unknown(network, text, path);
  }
  end.index = chosen(index, end.size, path + "_index");
  return end;
}

}  // namespace engram::nef
