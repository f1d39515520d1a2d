// Recorded runs of the assembly calculus: areas with all synapses stored, the lazy threshold, known answers of Philox.
#include "engram/calculus/brain.hpp"
#include "engram/calculus/lazy.hpp"
#include "engram/calculus/parser.hpp"
#include "tests/golden/golden.hpp"
#include "tests/testing/test_backend.hpp"

namespace golden {
namespace {

using namespace engram;
using namespace engram::calculus;
using Ordered = nlohmann::ordered_json;

constexpr const char* family = "assembly_calculus";

Map map_of(const Ordered& json) {
  Map map;
  for (const auto& [source, targets] : json.items()) map.emplace_back(source, targets.get<std::vector<std::string>>());
  return map;
}

template <class Json>
std::vector<float> flat(const Json& rows) {
  std::vector<float> all;
  for (const auto& row : rows)
    for (const auto& x : row) all.push_back(x.template get<float>());
  return all;
}

void expect_weights(const std::vector<float>& found, const std::vector<float>& recorded, const std::string& what) {
  ASSERT_EQ(found.size(), recorded.size()) << what;
  for (std::size_t i = 0; i < found.size(); ++i)
    expect_close(static_cast<double>(found[i]), static_cast<double>(recorded[i]), 1e-6, 0,
                 what + ", entry " + std::to_string(i));
}

void apply(Brain& brain, const Ordered& op) {
  const std::string name = op.at(0);
  if (name == "project")
    brain.project(map_of(op.at(1)), map_of(op.at(2)));
  else if (name == "fix")
    brain.fix(op.at(1));
  else if (name == "unfix")
    brain.unfix(op.at(1));
  else if (name == "activate")
    brain.activate(op.at(1), op.at(2));
  else if (name == "set_winners")
    brain.set_winners(op.at(1), op.at(2));
  else if (name == "plasticity")
    brain.set_plasticity(op.at(1));
  else if (name.starts_with("beta_"))
    brain.set_beta(op.at(1), op.at(2), op.at(3));
  else
    FAIL() << "unknown operation " << name;
}

void check_run(const File& file) {
  const Ordered json = Ordered::parse(file.text);  // sums are taken in the order of the maps
  const Ordered &parameters = json.at("parameters"), &initial = json.at("initial");
  const auto backend = test::test_backend();
  BrainOptions options;
  options.p = parameters.value("p", 0.5);
  options.w_max = parameters.value("w_max", 0.0);
  Brain brain(*backend, 1, options, Connectome::dense);
  for (const auto& [name, winners] : initial.at("winners").items()) {
    const Ordered own = parameters.contains(name) ? parameters.at(name) : Ordered::object();
    const auto parameter = [&](const char* key) {
      return own.contains(key) ? own.at(key) : parameters.value(key, Ordered(0));
    };
    AreaOptions area;
    area.n = parameter("n");
    area.k = parameter("k");
    area.beta = parameter("beta");
    brain.add_area(name, area);
    brain.set_winners(name, winners);
    ASSERT_EQ(initial.at("num_ever_fired").at(name), 0) << "a run that starts with a history";
  }
  for (const auto& [stimulus, targets] : initial.at("stimulus_vectors").items()) {
    brain.add_stimulus(stimulus, parameters.value("stimulus_size", Index{1}));
    for (const auto& [area, vector] : targets.items())
      brain.set_stimulus_weights(stimulus, area, vector.get<std::vector<float>>());
  }
  for (const auto& [from, targets] : initial.at("connectomes").items())
    for (const auto& [to, matrix] : targets.items()) brain.set_weights(from, to, flat(matrix));
  int index = 0;
  for (const auto& step : json.at("steps")) {
    const std::string what = "step " + std::to_string(index++) + " " + step.at("op").dump();
    apply(brain, step.at("op"));
    const Ordered& after = step.at("state_after");
    for (const auto& [name, winners] : after.at("winners").items())
      ASSERT_EQ(brain.winners(name), winners.get<std::vector<Index>>()) << what << ", area " << name;
    for (const auto& [name, count] : after.at("num_ever_fired").items())
      EXPECT_EQ(brain.support(name), count.get<Index>()) << what << ", area " << name;
    if (after.contains("stimulus_vectors"))
      for (const auto& [stimulus, targets] : after.at("stimulus_vectors").items())
        for (const auto& [area, vector] : targets.items())
          expect_weights(brain.stimulus_weights(stimulus, area), vector.get<std::vector<float>>(),
                         what + " " + stimulus + ">" + area);
    if (after.contains("connectomes"))
      for (const auto& [from, targets] : after.at("connectomes").items())
        for (const auto& [to, matrix] : targets.items())
          expect_weights(brain.weights(from, to), flat(matrix), what + " " + from + ">" + to);
  }
}

void check_threshold(const File& file) {
  for (const auto& c : file.json.at("cases")) {
    const auto t = lazy_threshold(c.at("n"), c.at("w"), c.at("k"), c.at("total_k"), c.at("p"));
    const std::string what = c.dump();
    EXPECT_EQ(c.at("n").get<double>() - c.at("w").get<double>(), c.at("effective_n").get<double>()) << what;
    expect_close(t.quantile, c.at("quantile"), 1e-12, 0, what);
    EXPECT_EQ(t.alpha, c.at("alpha").get<double>()) << what;
    expect_close(t.mean, c.at("mu"), 1e-12, 0, what);
    expect_close(t.sd, c.at("std"), 1e-12, 0, what);
    expect_close(t.cut, c.at("a"), 1e-9, 1e-12, what);
  }
}

std::uint32_t word(const nlohmann::json& hex) {
  return static_cast<std::uint32_t>(std::stoul(hex.get<std::string>(), nullptr, 16));
}

void check_philox(const File& file) {
  for (const auto& c : file.json.at("cases")) {
    const auto &counter = c.at("counter"), &key = c.at("key");
    const Words x =
        philox({{word(counter[0]), word(counter[1]), word(counter[2]), word(counter[3])}}, word(key[0]), word(key[1]));
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(x.w[i], word(c.at("output")[i])) << c.dump();
  }
}

GatingRule rule_of(const nlohmann::json& json) {
  // [action, "area" | "fiber", area(s), index]
  GatingRule rule;
  EXPECT_TRUE(json.at(0) == "INHIBIT" || json.at(0) == "DISINHIBIT") << json;
  rule.inhibit = json.at(0) == "INHIBIT";
  rule.area = json.at(2);
  if (json.at(1) == "fiber") rule.other = json.at(3);
  rule.index = json.back();
  return rule;
}

void expect_words(const Grammar& grammar, const nlohmann::json& table) {
  EXPECT_EQ(table.size(), grammar.words.size());
  for (const auto& [text, recorded] : table.items()) {
    const Word& word = grammar.word(text);
    EXPECT_EQ(word.index, recorded.at("index").get<Index>()) << text;
    for (const auto& [key, rules] : {std::pair{"pre", &word.before}, std::pair{"post", &word.after}}) {
      const auto& list = recorded.at(key);
      ASSERT_EQ(list.size(), rules->size()) << text << " " << key;
      for (std::size_t i = 0; i < rules->size(); ++i)
        EXPECT_EQ((*rules)[i], rule_of(list[i])) << text << " " << key << " " << list[i];
    }
  }
}

void expect_readout(const Grammar& grammar, const nlohmann::json& recorded) {
  EXPECT_EQ(recorded.size(), grammar.readout.size());
  for (const auto& [area, targets] : grammar.readout)
    EXPECT_EQ(recorded.at(area).get<std::vector<std::string>>(), targets) << area;
}

void check_lexicon(const File& file) {
  if (file.json.contains("english")) expect_words(english(), file.json["english"]);
  if (file.json.contains("russian")) expect_words(russian(), file.json["russian"]);
  if (file.json.contains("russian_readout_rules")) expect_readout(russian(), file.json["russian_readout_rules"]);
  if (file.json.contains("english_readout_rules")) expect_readout(english(), file.json["english_readout_rules"]);
}

using Sets = std::map<std::string, std::set<std::string>>;
Sets sets_of(const Map& map) {
  Sets sets;
  for (const auto& [from, targets] : map) sets[from].insert(targets.begin(), targets.end());
  return sets;
}

void check_state_machine(const File& file) {
  const auto& parameters = file.json.at("parameters");
  const auto areas = parameters.at("areas").get<std::vector<std::string>>();
  const Grammar* grammar = nullptr;
  for (const Grammar* g : {&english(), &russian()})
    if (std::set(g->areas.begin(), g->areas.end()) == std::set(areas.begin(), areas.end())) grammar = g;
  ASSERT_TRUE(grammar) << "a grammar with other areas: " << parameters.at("areas");
  const auto set_of = [](const auto& names) { return std::set<std::string>(names.begin(), names.end()); };
  EXPECT_EQ(set_of(grammar->recurrent), parameters.at("recurrent").get<std::set<std::string>>());
  EXPECT_EQ(set_of(grammar->initially_open), parameters.at("initially_open").get<std::set<std::string>>());
  expect_readout(*grammar, parameters.at("readout_rules"));
  const auto backend = test::test_backend();
  for (const auto& sentence : file.json.at("sentences")) {
    ParserOptions options;  // control does not depend on numbers, so the areas may be small
    options.n = 300;
    options.k = 10;
    options.word_k = 5;
    options.rounds = 4;
    Parser parser(*backend, 1, *grammar, options);
    for (const auto& recorded : sentence.at("words")) {
      const std::string word = recorded.at("word"), what = sentence.at("sentence").get<std::string>() + ": " + word;
      parser.read(word);
      const WordTrace& trace = parser.trace().back();
      EXPECT_EQ(grammar->word(word).index, recorded.at("lex_index").get<Index>()) << what;
      EXPECT_EQ(sets_of(trace.before_erasing), recorded.at("map_before_erasing").get<Sets>()) << what;
      EXPECT_EQ(set_of(trace.fixed), recorded.at("fixed").get<std::set<std::string>>()) << what;
      EXPECT_EQ(set_of(trace.erased), recorded.at("erased").get<std::set<std::string>>()) << what;
      EXPECT_EQ(sets_of(trace.first), recorded.at("map_round_1").get<Sets>()) << what;
      EXPECT_EQ(sets_of(trace.later), recorded.at("map_round_2_and_later").get<Sets>()) << what;
      EXPECT_EQ(parser.gates().areas(),
                (recorded.at("area_inhibition_after").get<std::map<std::string, std::set<int>>>()))
          << what;
      std::map<std::pair<std::string, std::string>, std::set<int>> closed, expected;
      for (const auto& [pair, reasons] : parser.gates().fibres())
        if (!reasons.empty()) closed[pair] = reasons;
      for (const auto& c : recorded.at("closed_fibers_after"))
        expected[{c.at(0), c.at(1)}] = c.at(2).get<std::set<int>>();
      EXPECT_EQ(closed, expected) << what;
    }
    EXPECT_EQ(sets_of(parser.used_fibres()), sentence.at("activated_fibers_pruned").get<Sets>())
        << sentence.at("sentence");
  }
}

bool first_case_has(const File& f, std::initializer_list<const char*> keys) {
  if (!is(f, family) || !has(f, {"cases"}) || !f.json["cases"].is_array() || f.json["cases"].empty()) return false;
  for (const char* key : keys)
    if (!f.json["cases"][0].contains(key)) return false;
  return true;
}

}  // namespace

std::vector<Kind> assembly_calculus_kinds() {
  return {
      {"explicit run",
       [](const File& f) {
         return is(f, family) && has(f, {"initial", "steps"});
       },
       check_run},
      {"lazy threshold",
       [](const File& f) {
         return first_case_has(f, {"quantile", "alpha", "total_k"});
       },
       check_threshold},
      {"philox",
       [](const File& f) {
         return first_case_has(f, {"counter", "key", "output"});
       },
       check_philox},
      {"word table", [](const File& f) { return is(f, family) && (has(f, {"english"}) || has(f, {"russian"})); },
       check_lexicon},
      {"parser control", [](const File& f) { return is(f, family) && has(f, {"sentences"}); }, check_state_machine},
  };
}

}  // namespace golden
