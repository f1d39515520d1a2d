// Sentences as JSON experiments: which words the parser ties together, over replicas.
#include <map>
#include <nlohmann/json.hpp>

#include "engine/models/calculus/script/read_script.hpp"
#include "engine/models/families.hpp"
#include "engine/run/plain_error.hpp"
#include "engine/run/results.hpp"
#include "engine/run/series.hpp"
#include "engine/run/timeline.hpp"
#include "engram/calculus/parser.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/schema.hpp"
#include "engram/run/state_reader.hpp"

namespace engram::calculus {

namespace {

using Json = nlohmann::ordered_json;

struct Model : ParserOptions {
  enum class Language { english, russian, english_with_clauses } grammar = Language::english;
  Connectome connectome = Connectome::procedural;

  static constexpr auto fields =
      std::tuple_cat(ParserOptions::fields,
                     std::tuple{Field{"grammar", &Model::grammar, "words and what they open and close", 0, 0,
                                      "english|russian|english_with_clauses"},
                                Field{"connectome", &Model::connectome, "how synapses are kept", 0, 0, connectomes}});
  void check_together(const Report& problem) const {
    for (const auto& [key, count] : {std::pair{"k", k}, {"word_k", word_k}})
      if (count > n) problem(key, "found " + std::to_string(count) + "; allowed are 1 to n = " + std::to_string(n));
  }
  const Grammar& words() const {
    return grammar == Language::english ? english() : grammar == Language::russian ? russian() : english_with_clauses();
  }
};

constexpr Series right_series{"right", "1 where the dependencies are those expected"};
constexpr Series dependencies_series{"dependencies", "how many are found"};
constexpr Series all_series[] = {right_series, dependencies_series};

struct Sentence {
  std::string text, name;             ///< name: of its results
  std::vector<std::string> expected;  ///< "head-dependent AREA"; empty: any
  bool checked = false;
};

struct Config {
  Model model;
  std::vector<Sentence> sentences;

  std::vector<std::string> series() const { return names_of(all_series, {}); }
  std::vector<std::string> phase_labels() const {
    std::vector<std::string> labels;
    for (const Sentence& sentence : sentences) labels.push_back(sentence.name);
    return labels;
  }
};

Config read_config(ConfigReader& experiment) {
  Config config;
  const ConfigReader model = experiment.object("model");
  model.member("type");
  read_fields(model, config.model);
  const Grammar& grammar = config.model.words();
  ResultNames names;
  for (const ConfigReader& reader : experiment.list("sentences").items()) {
    Sentence sentence;
    if (reader.is_string()) {
      sentence.text = reader.as<std::string>();
    } else {
      sentence.text = reader.get<std::string>("text");
      sentence.checked = reader.has("expected");
      if (sentence.checked) sentence.expected = reader.get<std::vector<std::string>>("expected");
    }
    const std::vector<std::string> words = words_of(sentence.text);
    for (const std::string& word : words) try {
        if (!(grammar.dependent_clauses && (word == "that" || word == ","))) grammar.word(word);
      } catch (const Error& error) {
        if (!is_plain(error)) throw;
        reader.problem(error.what());
      }
    if (experiment.ok() && words.empty()) reader.problem("found no word, needed is at least one");
    sentence.name = names.take(sentence.text);
    config.sentences.push_back(sentence);
  }
  if (experiment.ok() && config.sentences.empty())
    experiment.problem("sentences", "found none, needed is at least one");
  return config;
}

std::string shown(const std::string& word) { return word.empty() ? "?" : word; }

class ParserTask final : public Task {
 public:
  ParserTask(std::shared_ptr<const Config> config, const TaskContext& context)
      : plan_(std::move(config)), config_(*plan_), backend_(context.backend), seeds_(context.seeds) {}

  Tick ticks() const override { return config_.sentences.size(); }
  PhaseSpan phase_at(Tick t) const override { return {config_.sentences[t].name, t, t + 1}; }

  Tick advance(Tick t, Tick /*most*/, Recorder& recorder) override {
    const Sentence& sentence = config_.sentences[t];
    std::vector<std::string> outcome(seeds_.size());
    std::vector<std::vector<std::string>> found(seeds_.size());
    backend_.split(seeds_.size(), seeds_.size() * replica_operations, [&](Backend& backend, std::size_t r) {
      try {
        for (const Dependency& d :
             parse(backend, seeds_[r], config_.model.words(), sentence.text, config_.model, config_.model.connectome))
          found[r].push_back(shown(d.head) + "-" + shown(d.dependent) + " " + d.area);
      } catch (const Error& error) {  // a sentence that cannot be parsed is an outcome
        if (!is_plain(error)) throw;
        found[r] = {error.what()};
      }
      for (const auto& one : found[r]) outcome[r] += (outcome[r].empty() ? "" : ", ") + one;
    });
    recorder.concludes();
    Json row;
    Json outcomes = Json::object();
    for (const auto& text : outcome) outcomes[text] = outcomes.value(text, 0) + 1;
    row["outcomes"] = outcomes;
    if (sentence.checked) {
      int right = 0;
      const std::multiset<std::string> expected(sentence.expected.begin(), sentence.expected.end());
      for (std::size_t r = 0; r < seeds_.size(); ++r) {
        const bool same = std::multiset<std::string>(found[r].begin(), found[r].end()) == expected;
        right += same;
        results_[each_network][sentence.name + ", right"].push_back(same ? 1 : 0);
        recorder.metric(t, static_cast<Index>(r), "sentence", right_series.name, same);
      }
      row["right"] = static_cast<double>(right) / static_cast<double>(seeds_.size());
    }
    for (std::size_t r = 0; r < seeds_.size(); ++r)
      recorder.metric(t, static_cast<Index>(r), "sentence", dependencies_series.name,
                      static_cast<double>(found[r].size()));
    results_[each_network][sentence.name + ", outcomes"] = outcome;
    results_[sentence.name] = row;
    return 1;
  }

  void visit(StateVisitor& visitor) override {
    visitor.json(
        "sentences", [this] { return nlohmann::json(results_.dump()); },
        [this](const nlohmann::json& state) { results_ = StateReader(state, "sentences").results(); });
  }

  Json results() const override { return results_; }

 private:
  std::shared_ptr<const Config> plan_;
  const Config& config_;
  Backend& backend_;
  std::vector<std::uint64_t> seeds_;
  Json results_ = Json::object();
};

std::size_t memory_of(const Config& config, std::size_t replicas) {
  AreaOptions area;
  area.n = config.model.n;
  const std::size_t areas = config.model.words().areas.size();
  return Brain::forecast(config.model.connectome, std::vector<AreaOptions>(areas, area),
                         Brain::Shapes(areas * 3, {area.n, area.n}), {}, replicas);
}

Json schema_of_family() {
  using namespace schema;
  Json model = properties_of<Model>();
  model["type"] = {{"const", "parser"}};
  const Json text{{"type", "string"}};
  const Json checked = object({{"text", text}, {"expected", {{"type", "array"}, {"items", text}}}}, {"text"});
  return {{"model", object(model, {"type"})},
          {"sentences", {{"type", "array"}, {"minItems", 1}, {"items", {{"anyOf", Json::array({text, checked})}}}}}};
}

}  // namespace

Family parser_family() {
  return {"parser",
          "dependencies of sentences by gated assemblies, English and Russian",
          read_plan<ParserTask, read_config, memory_of>,
          schema_of_family,
          "",
          {std::begin(all_series), std::end(all_series)}};
}

}  // namespace engram::calculus
