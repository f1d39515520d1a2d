// Recorded networks of Leabra, replayed call by call.
#include <fstream>
#include <sstream>

#include "engine/io/table.hpp"
#include "tests/golden/leabra/common.hpp"

namespace golden::leabra_family {

namespace {

void expect_layer(const leabra::Net& net, const std::string& name, const json& expected, double t,
                  const std::string& where) {
  for (const auto& [key, value] : expected.items()) {
    const std::string what = where + name + "." + key;
    if (key == "clamped")
      EXPECT_EQ(net.clamped(name), value.get<bool>()) << what;
    else if (key == "hidden")
      EXPECT_EQ(net.hidden(name), value.get<bool>()) << what;
    else if (key == "wt_scale_rel_sum")
      expect_near(net.relative_scale(name), number(value), t, what);
    else if (key == "layer_gc_i")
      expect_all_near(net.values(name, "gc_i"), value, t, what);
    else if (key == "input_buffer")
      expect_all_near(net.values(name, "unit_input"), value, t, what);
    else if (key == "fbi" || key.starts_with("cos_diff"))
      expect_all_near(net.values(name, key), value, t, what);
    else
      expect_all_near(net.values(name, "unit_" + key), value, t, what);
  }
}

void expect_state(const leabra::Net& net, const json& expected, double t, const std::string& where) {
  if (expected.contains("layers"))
    for (const auto& [name, values] : expected["layers"].items()) expect_layer(net, name, values, t, where);
  if (!expected.contains("projns")) return;
  for (const auto& [name, values] : expected["projns"].items()) {
    if (values.contains("wts")) expect_all_near(net.weights(name), values["wts"], t, where + name + ".wts");
    if (values.contains("fwts")) expect_all_near(net.linear_weights(name), values["fwts"], t, where + name + ".fwts");
  }
}

void replay(leabra::Net& net, const json& ops, double t) {
  std::size_t at = 0;
  for (const json& op : ops) {
    const std::string what = op["op"], where = "op " + std::to_string(at++) + " (" + what + ") ";
    if (what == "clamp")
      net.clamp_layer(op["layer"], numbers(op["acts"]));
    else if (what == "unclamp")
      net.unclamp_layer(op["layer"]);
    else if (what == "cycle")
      net.cycle(op["n"]);
    else if (what == "minus")
      net.minus_phase_cycle(op["n"]);
    else if (what == "plus")
      net.plus_phase_cycle(op["n"]);
    else if (what == "learn")
      net.learn();
    else
      FAIL() << where << "is unknown";
    if (op.contains("expect")) expect_state(net, op["expect"], t, where);
    if (testing::Test::HasFailure()) return;  // all that follows differs as well
  }
}

void trial(leabra::Net& net, std::span<const double> input, std::span<const double> output, const json& protocol,
           std::vector<real>* guess = nullptr) {
  net.clamp_layer("input", input);
  net.minus_phase_cycle(protocol["minus_cycles"]);
  if (guess) *guess = net.values("output", "unit_act");
  net.clamp_layer("output", output);
  net.plus_phase_cycle(protocol["plus_cycles"]);
  net.unclamp_layer("input");
  net.unclamp_layer("output");
  net.learn();
}

std::vector<real> prediction(leabra::Net& net, std::span<const double> input, const json& protocol) {
  net.clamp_layer("input", input);
  net.cycle(protocol["predict_cycles"]);
  net.unclamp_layer("input");
  return net.values("output", "unit_act");
}

/// Trials of all patterns, then a prediction of each, epoch by epoch.
void check_epochs(const File& f) {
  const json& protocol = f.json["protocol"];
  const double t = tolerance_of(f);
  leabra::Net net = net_of(f.json["net"]);
  for (const json& epoch : f.json["epochs"]) {
    const std::string where = "epoch " + epoch["epoch"].dump() + " ";
    for (std::size_t k = 0; k < protocol["X"].size(); ++k)
      trial(net, numbers(protocol["X"][k]), numbers(protocol["Y"][k]), protocol);
    net.end_epoch();
    double loss = 0, count = 0;
    std::vector<real> outputs;
    for (std::size_t k = 0; k < protocol["X"].size(); ++k) {
      const std::vector<double> wanted = numbers(protocol["Y"][k]);
      const std::vector<real> found = prediction(net, numbers(protocol["X"][k]), protocol);
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        const double error = static_cast<double>(found[i]) - wanted[i];
        loss += std::abs(error) < 0.5 ? 0 : error * error;
        ++count;
      }
      outputs.insert(outputs.end(), found.begin(), found.end());
    }
    expect_all_near(outputs, epoch["outputs"], t, where + "outputs");
    expect_near(loss / count, number(epoch["loss"]), t, where + "loss");
    if (epoch.contains("fwts"))
      for (const auto& [name, recorded] : epoch["fwts"].items())
        expect_all_near(net.linear_weights(name), recorded, t, where + name + ".fwts");
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace

void check_network(const File& f) {
  leabra::Net net = net_of(f.json["net"]);
  replay(net, f.json["ops"], tolerance_of(f));
  if (f.json.contains("epochs") && f.json.contains("protocol")) check_epochs(f);
}

void check_runs(const File& f) {
  for (const json& run : f.json["runs"]) {
    leabra::Net net = net_of(run["net"]);
    replay(net, run["ops"], tolerance_of(f));
    if (!run.contains("units_with_v_m_eq_above_thr")) continue;
    const std::vector<real> v = net.values(net.layers().back(), "unit_v_m_eq");
    EXPECT_EQ(std::count_if(v.begin(), v.end(), [](real x) { return x > real(0.5); }),
              run["units_with_v_m_eq_above_thr"].get<std::ptrdiff_t>());
  }
}

/// A script of calls on the network that the description names, and the tables that it leaves.
void check_logging(const File& f) {
  leabra::LayerSpec logged;
  logged.log_on_cycle = logged.log_on_trial = logged.log_on_epoch = {"unit_act", "avg_act"};
  logged.log_on_batch = {"avg_act"};
  leabra::ProjectionSpec one_to_one;
  one_to_one.projn_type = leabra::Pattern::one_to_one;
  one_to_one.log_on_trial = {"conn_wt", "conn_fwt"};
  leabra::Net net(backend());
  net.new_layer("a", 2, logged);
  net.new_layer("b", 2);
  net.new_projection("p", "a", "b", one_to_one);
  net.clamp_layer("a", std::vector<double>{1, 0.5});
  const auto frequency = [](const std::string& word) {
    const auto words = engram::split_choices(leabra::frequency_names);
    return static_cast<leabra::Frequency>(std::find(words.begin(), words.end(), word) - words.begin());
  };
  for (const json& call : f.json["script"]) {
    const std::string what = call[0];
    const auto which = call.size() > 1 && call[1].is_string() ? std::optional(frequency(call[1])) : std::nullopt;
    if (what == "cycle")
      net.cycle();
    else if (what == "minus_phase_cycle")
      net.minus_phase_cycle(call[1]);
    else if (what == "plus_phase_cycle")
      net.plus_phase_cycle(call[1]);
    else if (what == "learn")
      net.learn();
    else if (what == "pause_logging")
      net.pause_logging(which);
    else if (what == "resume_logging")
      net.resume_logging(which);
    else if (what == "end_epoch")
      net.end_epoch();
    else if (what == "end_batch")
      net.end_batch();
    else
      FAIL() << what << " is unknown";
  }
  for (const auto& [key, tables] : f.json["logs"].items()) {
    const std::size_t colon = key.find(':');
    const leabra::Logs logs = net.logs(frequency(key.substr(0, colon)), key.substr(colon + 1));
    for (const auto& [name, column] : tables["whole"].items())
      expect_all_near(logs.whole.column(name), column, tolerance_of(f), key + " whole " + name);
    for (const auto& [name, column] : tables["parts"].items())
      expect_all_near(logs.parts.column(name), column, tolerance_of(f), key + " parts " + name);
  }
}

namespace {

struct Iris {
  std::vector<std::vector<double>> input, output;
  std::vector<std::size_t> species;
};

/// One-hot codes of the four bins and of the species.
Iris read_iris(const std::filesystem::path& path, const json& classes) {
  Iris iris;
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::vector<std::string> cells;
    std::stringstream row(line);
    for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
    std::vector<double> input(40), output(classes.size());
    for (std::size_t k = 0; k < 4; ++k) input[10 * k + std::stoul(cells[cells.size() - 4 + k]) - 1] = 1;
    std::size_t species = 0;
    while (classes[species].get<std::string>() != cells[5]) ++species;
    output[species] = 1;
    iris.input.push_back(input);
    iris.output.push_back(output);
    iris.species.push_back(species);
  }
  return iris;
}

}  // namespace

void check_iris(const File& f) {
  const json& protocol = f.json["protocol"];
  const Iris iris = read_iris(f.path.parent_path() / "iris.csv", protocol["class_order"]);
  ASSERT_EQ(iris.input.size(), 150u) << "iris.csv should stand beside " << f.path;
  const double t = tolerance_of(f);
  leabra::Net net = net_of(f.json["net"]);
  for (const json& epoch : f.json["epochs"]) {
    const std::string where = "epoch " + epoch["epoch"].dump() + " ";
    std::size_t k = 0;
    for (const std::size_t row : protocol["train_rows"]) {
      std::vector<real> guess;
      trial(net, iris.input[row], iris.output[row], protocol, &guess);
      expect_all_near(guess, epoch["minus_outputs"][k], t, where + "trial " + std::to_string(k));
      if (testing::Test::HasFailure() || (slow_device() && ++k == 4)) return;
      k += !slow_device();
    }
    for (const auto& [name, recorded] : epoch["fwts_after_training"].items())
      expect_all_near(net.linear_weights(name), recorded, t, where + name + ".fwts");
    net.end_epoch();
    std::vector<double> right(2);
    std::size_t shown = 0;
    for (const char* part : {"train_rows", "test_rows"})
      for (const std::size_t row : protocol[part]) {
        const std::vector<real> found = prediction(net, iris.input[row], protocol);
        const auto best = static_cast<std::size_t>(std::max_element(found.begin(), found.end()) - found.begin());
        EXPECT_EQ(best, epoch["predicted_class"][shown].get<std::size_t>()) << where << "prediction " << shown;
        ++shown;
        right[part[1] == 'e'] += best == iris.species[row];
      }
    for (const bool test : {false, true})
      EXPECT_NEAR(right[test] / static_cast<double>(protocol[test ? "test_rows" : "train_rows"].size()),
                  number(epoch[test ? "test_accuracy" : "train_accuracy"]), 1e-12)
          << where;
    if (testing::Test::HasFailure()) return;
  }
}

void check_iris_table(const File& f) {
  const Iris iris = read_iris(f.path, json{"setosa", "versicolor", "virginica"});
  EXPECT_EQ(iris.input.size(), 150u);
  for (const std::size_t species : {0u, 1u, 2u})
    EXPECT_EQ(std::count(iris.species.begin(), iris.species.end(), species), 50);
}

}  // namespace golden::leabra_family
