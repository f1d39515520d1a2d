// The synapses from one area or stimulus to one area, behind one interface; one class for each way of keeping them.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/models/calculus/brain/mirror.hpp"
#include "engram/backend.hpp"
#include "engram/calculus/brain.hpp"
#include "engram/calculus/connections.hpp"
#include "engram/calculus/rounds.hpp"
#include "engram/run/task.hpp"

namespace engram::calculus {

/// Who fires, in rank order and ascending; the latter on both sides.
struct Firing {
  std::vector<Index> ranked, sorted;
  Array<Index> sorted_device;

  void assign(Backend& backend, std::vector<Index> winners);
  /// Of those that fire on the device already.
  void assign(std::vector<Index> winners);
};

/// Shows real values of a backend; those of a CPU where they lie.
inline void look_at(StateVisitor& visitor, const std::string& name, Backend& backend, const Array<float>& values,
                    std::size_t size) {
  if (backend.info().kind == "cpu")
    visitor.inside(name, std::span<const float>(values.view().data, size));
  else
    visitor.inside(name, std::span<const float>(beginning(backend, values, size)));
}
inline void look_at(StateVisitor& visitor, const std::string& name, Backend& backend, const Array<float>& values) {
  look_at(visitor, name, backend, values, values.size());
}

class Draws;

class Fibres {
 public:
  virtual ~Fibres() = default;
  virtual void add_input(const Firing& sources, Span<real> input) = 0;
  virtual void learn(const Firing& sources, const Firing& targets, const Potentiation&) = 0;
  virtual Brain::Connection connection(const std::vector<Index>& pre, const std::vector<Index>& post) = 0;
  /// See Brain::normalise.
  virtual void normalise(double total) = 0;
  virtual std::unique_ptr<Fibres> clone() const = 0;
  virtual std::size_t bytes() const = 0;
  /// What cannot be made again from the seed.
  virtual nlohmann::json state() const = 0;
  virtual void set_state(const StateReader&) = 0;
  /// Shows its real values to who looks for some that are not finite, under names that begin with `name`.
  virtual void look_inside(StateVisitor&, const std::string& name) const = 0;
  /// All weights, where they are stored; else an Error.
  virtual std::vector<float> weights() const;
  virtual void set_weights(std::span<const float>);
  /// Where they lie, if they are stored as a whole and do not move; of a stimulus as one row.
  virtual MatrixView stored() { return {}; }
  /// Whether restored state is that of areas with so many neurons.
  virtual bool fits(Index /*n_pre*/, Index /*n_post*/) const { return true; }

  // In the lazy scheme a neuron gets its synapses when it wins for the first time; all other fibres have theirs from
  // the beginning, so for them nothing is to be done.
  /// Whether synapses exist, by gaps; null where they are not drawn like that.
  virtual const SkipTable* gaps() const { return nullptr; }
  /// Room for so many neurons; the new ones have no synapses yet.
  virtual void grow(Index /*n_pre*/, Index /*n_post*/) {}
  /// Synapses of weight 1 onto a newcomer, from units that fire.
  virtual void join(std::span<const Index> /*pre*/, Index /*post*/) {}
  /// Random synapses onto a newcomer from units [begin, end) but for those of an ascending list.
  virtual void draw_inputs(Draws&, Index /*post*/, Index /*begin*/, Index /*end*/, std::span<const Index> /*except*/) {}
  /// Random synapses from a newcomer onto units [0, n_post).
  virtual void draw_outputs(Draws&, Index /*pre*/, Index /*n_post*/) {}
  /// Random weights onto all units below n_post that have none yet.
  virtual void draw_weights(Draws&, Index /*n_post*/) {}
};

/// Where the synapses of a fibre are; its table lies on the backend, and copies share it.
class Graph {
 public:
  Graph(Backend& backend, std::uint64_t key, Index n_pre, Index n_post, double p, int exact_bits);
  const Fibre& fibre() const { return fibre_; }
  /// For use on the host.
  Fibre host_fibre() const { return table_->host.fibre(fibre_.key, fibre_.n_post); }
  Index n_pre() const { return n_pre_; }
  double p() const { return table_->host.p(); }
  Backend& backend() const { return *backend_; }
  Connections& connections() const { return *connections_; }
  /// Number of synapses from each unit of 0 .. n_pre-1 to each target, summed over them.
  Array<Index> in_degrees() const;

 private:
  Backend* backend_;
  Connections* connections_;
  Index n_pre_;
  struct Table {
    SkipTable host;
    Array<std::uint32_t> narrow;
    Array<std::uint64_t> wide;
  };
  std::shared_ptr<const Table> table_;
  Fibre fibre_;
};

/// From an area to an area, on a graph that every kind of storage shares; what a target receives may have a factor.
class AreaFibres : public Fibres {
 public:
  explicit AreaFibres(Graph graph) : graph_(std::move(graph)) {}
  void add_input(const Firing& sources, Span<real> input) final;
  void normalise(double total) final;
  Brain::Connection connection(const std::vector<Index>& pre, const std::vector<Index>& post) final;

 protected:
  /// Input by the weights as they are stored.
  virtual void add_raw(const Firing& sources, Span<real> input) = 0;
  /// Sum of the stored weights onto each target.
  virtual std::vector<double> incoming() = 0;
  /// Calls f(post, stored weight) for the synapses between two ascending lists.
  using Visit = std::function<void(Index, double)>;
  virtual void for_each_weight(const std::vector<Index>& pre, const std::vector<Index>& post, const Visit& f) = 0;

  void copy_factor(const AreaFibres& other);
  std::vector<float> factors() const { return factor_.download(); }
  void drop_factor() { factor_ = {}; }
  nlohmann::json factor_state() const;
  void set_factor_state(const StateReader&);
  void look_at_factor(StateVisitor&, const std::string& name) const;
  std::size_t factor_bytes() const { return factor_.bytes() + raw_.bytes(); }
  Span<const float> factor() const { return factor_.view(); }

  Graph graph_;

 private:
  Array<float> factor_;  ///< of each target; empty: 1
  Array<real> raw_;
};

/// Nothing stored but what was learned.
class ProceduralFibres final : public AreaFibres {
 public:
  using AreaFibres::AreaFibres;
  void learn(const Firing& sources, const Firing& targets, const Potentiation&) override;
  std::unique_ptr<Fibres> clone() const override;
  std::size_t bytes() const override;
  nlohmann::json state() const override;
  void set_state(const StateReader&) override;
  void look_inside(StateVisitor&, const std::string& name) const override;

  /// Hands out what is learned, with room for more, to rounds that many sources and targets take part in; until end.
  RoundsView::Fibres begin(Index n_sources, Index n_targets, const Potentiation&);
  void end();

 private:
  void add_raw(const Firing& sources, Span<real> input) override;
  std::vector<double> incoming() override;
  void for_each_weight(const std::vector<Index>& pre, const std::vector<Index>& post, const Visit& f) override;
  OverlayView overlay() const;
  void insert(const std::vector<Synapse>& found);
  /// The overlay on the host.
  struct Learned {
    std::vector<Index> unit, start, pre;
    std::vector<float> weight;
  };
  Learned learned() const;
  void set_overlay(const Learned&);

  // Learned synapses, rows by postsynaptic unit; the arrays may have room for more.
  Array<Index> unit_, start_, pre_;
  Array<float> weight_;
  Index rows_ = 0, entries_ = 0;
  // Rounds resemble each other. The counts of the last sources are kept, and a round counts only the synapses of those
  // that came and went: integers, so the sum is the same. And where all synapses between two sets of units have been
  // found before, only those of the units that came are looked for.
  Array<Index> counts_;
  MirroredList counted_, known_sources_, known_targets_;
  std::vector<Synapse> found_, more_;
  Array<Index> size_;  ///< of the overlay, while it is lent
};

/// All pairs.
class DenseFibres final : public AreaFibres {
 public:
  /// With the weights of the graph, or with none yet.
  explicit DenseFibres(Graph graph, bool fill = true);
  void learn(const Firing& sources, const Firing& targets, const Potentiation&) override;
  std::unique_ptr<Fibres> clone() const override;
  std::size_t bytes() const override { return weight_.bytes() + factor_bytes(); }
  nlohmann::json state() const override;
  void set_state(const StateReader&) override;
  void look_inside(StateVisitor&, const std::string& name) const override;
  std::vector<float> weights() const override;
  void set_weights(std::span<const float> weights) override;
  MatrixView stored() override { return view(); }

 private:
  void add_raw(const Firing& sources, Span<real> input) override;
  std::vector<double> incoming() override;
  void for_each_weight(const std::vector<Index>& pre, const std::vector<Index>& post, const Visit& f) override;
  Index n_post() const { return graph_.fibre().n_post; }
  MatrixView view() const { return {weight_.view().data, graph_.n_pre(), n_post()}; }
  Array<float> weight_;
};

/// From a stimulus, whose neurons always fire together: one summed weight a target.
class StimulusFibres final : public Fibres {
 public:
  explicit StimulusFibres(const Graph& graph);
  void add_input(const Firing& sources, Span<real> input) override;
  void learn(const Firing& sources, const Firing& targets, const Potentiation&) override;
  Brain::Connection connection(const std::vector<Index>& pre, const std::vector<Index>& post) override;
  void normalise(double) override {}
  std::unique_ptr<Fibres> clone() const override;
  std::size_t bytes() const override { return weight_.bytes(); }
  nlohmann::json state() const override;
  void set_state(const StateReader&) override;
  void look_inside(StateVisitor&, const std::string& name) const override;
  std::vector<float> weights() const override { return weight_.download(); }
  void set_weights(std::span<const float> weights) override;
  Span<float> view() { return weight_.view(); }
  MatrixView stored() override { return {weight_.view().data, 1, static_cast<Index>(weight_.size())}; }

 private:
  StimulusFibres(Backend&, Array<float> weights);
  Backend* backend_;
  Connections* connections_;
  Array<float> weight_;
};

/// Elements of `a` that are not in `b`; both ascending.
std::vector<Index> difference(std::span<const Index> a, std::span<const Index> b);
std::vector<Index> intersection(std::span<const Index> a, std::span<const Index> b);

}  // namespace engram::calculus
