// What the networks of an experiment take, on the device and on the host.
#include <algorithm>

#include "engine/models/leabra/config.hpp"
#include "engine/models/leabra/parts.hpp"
#include "engine/models/leabra/shown.hpp"

namespace engram::leabra {

std::size_t memory_of(const Config& config, std::size_t replicas) {
  constexpr std::size_t most_written = std::size_t{8} << 20;  // of columns of weights, at the end
  std::size_t units = 0, all = 0, on_the_way = 0, columns = 0;
  for (const auto& [name, l] : config.layers) units += l.size;
  // What predictions of a copy put aside is as much again.
  const std::size_t states = checked_product(replicas, config.copies);
  all += checked_product(checked_product(units + 16, states), 2 * unit_value::count * sizeof(real));
  all += checked_product(checked_product(config.groups(), states), 2 * layer_value::count * sizeof(real));
  all += config.layers.size() * nxx1::points * sizeof(real);  // at most: a table each
  for (const auto& [name, p] : config.projections) {
    const auto pre = static_cast<Index>(config.layer(p.pre).size), post = static_cast<Index>(config.layer(p.post).size);
    const std::size_t synapses = bytes_of_synapses(p.spec, pre, post, static_cast<Index>(replicas)),
                      drawn = checked_product(connections_of(p.spec, pre, post), replicas);
    all += synapses;
    // Rows as they are drawn or read back, twice, and one value of all on its way to the device.
    on_the_way = std::max(on_the_way, 2 * drawn * (sizeof(Index) + sizeof(real)) + synapses / planes_of(p.spec));
    columns = std::max(columns, checked_product(std::size_t{pre} * post, replicas * sizeof(real)));
  }
  for (const std::vector<double>& rows : config.patterns.of_layer) all += rows.size() * sizeof(double);
  for (const auto& [projection, weights] : config.weights) all += weights.size() * sizeof(real);
  all += ShownPatterns::bytes(config, states);
  return all + on_the_way + std::min(columns, most_written);
}

}  // namespace engram::leabra
