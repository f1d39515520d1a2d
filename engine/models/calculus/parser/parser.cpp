#include "engram/calculus/parser.hpp"

#include <algorithm>

#include "engine/run/checkpoint.hpp"

namespace engram::calculus {

namespace {

const std::string lexicon = "LEX", root = "VERB", clause_area = "DEPCLAUSE";
constexpr Index least_blocks =
    20;  // LEX has room for so many words even where a grammar has fewer, as in the reference

bool in(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const std::vector<std::string>& targets_of(const Map& map, const std::string& source) {
  static const std::vector<std::string> none;
  for (const auto& [from, targets] : map)
    if (from == source) return targets;
  return none;
}

Brain make_brain(Backend& backend, std::uint64_t seed, const Grammar& grammar, const ParserOptions& o,
                 Connectome connectome) {
  BrainOptions options;
  options.p = o.p;
  Brain brain(backend, seed, options, connectome);
  Index blocks = least_blocks;
  for (const Word& word : grammar.words) blocks = std::max(blocks, word.index + 1);
  for (const std::string& name : grammar.areas) {
    AreaOptions area;
    area.beta = o.beta;
    area.n = name == lexicon ? blocks * o.word_k : o.n;
    area.k = name == lexicon || name == "DET" ? o.word_k : o.k;
    area.explicit_area = name == lexicon;
    brain.add_area(name, area);
  }
  for (const std::string& name : grammar.recurrent) {
    brain.set_beta(lexicon, name, o.lexicon_beta);
    brain.set_beta(name, lexicon, o.lexicon_beta);
    for (const std::string& other : grammar.recurrent)
      brain.set_beta(other, name, other == name ? o.recurrent_beta : o.between_beta);
  }
  return brain;
}

}  // namespace

SyntaxGates::SyntaxGates(const Grammar& grammar) : names_(grammar.areas) {
  for (const auto& a : names_) {
    inhibit(a, "", 0);
    if (in(grammar.initially_open, a)) disinhibit(a, "", 0);
    for (const auto& b : names_) inhibit(a, b, 0);
  }
}

Map SyntaxGates::projections(const std::function<bool(const std::string&)>& fires) const {
  std::set<std::pair<std::string, std::string>> pairs;
  for (const auto& a : names_)
    for (const auto& b : names_)
      if (!(a == lexicon && b == lexicon) && open(a) && open(b) && open(a, b)) {
        if (fires(a)) pairs.insert({a, b});
        if (fires(b)) pairs.insert({b, b});
      }
  Map map;
  for (const auto& a : names_) {
    std::vector<std::string> targets;
    for (const auto& b : names_)
      if (pairs.contains({a, b})) targets.push_back(b);
    if (!targets.empty()) map.emplace_back(a, targets);
  }
  return map;
}

Parser::Parser(Backend& backend, std::uint64_t seed, const Grammar& grammar, const ParserOptions& options,
               Connectome connectome)
    : grammar_(&grammar),
      options_(options),
      brain_(make_brain(backend, seed, grammar, options, connectome)),
      gates_(grammar) {}

Map Parser::projections() const {
  Map map = gates_.projections([&](const std::string& area) { return !brain_.winners(area).empty(); });
  const auto reached = targets_of(map, lexicon).size();
  if (grammar_->max_from_lexicon && reached > grammar_->max_from_lexicon)
    throw Error("a word reaches " + std::to_string(reached) + " areas at once; at most " +
                std::to_string(grammar_->max_from_lexicon) + " can be parsed");
  return map;
}

void Parser::run_word(const Word& word, bool record) {
  WordTrace trace;
  trace.word = word.text;
  brain_.activate(lexicon, word.index);
  for (const auto& rule : word.before) gates_.apply(rule);
  trace.before_erasing = projections();
  const auto& from_lexicon = targets_of(trace.before_erasing, lexicon);
  for (const auto& [area, targets] : trace.before_erasing) {
    if (!in(from_lexicon, area)) {
      brain_.fix(area);
      trace.fixed.push_back(area);
    } else if (area != lexicon) {
      brain_.unfix(area);
      brain_.set_winners(area, {});
      trace.erased.push_back(area);
    }
  }
  for (int round = 0; round < options_.rounds;) {
    const Map map = projections();
    // It depends on who fires, so once it is what it was before it stays.
    const int rounds = round > 0 && map == (round == 1 ? trace.first : trace.later) ? options_.rounds - round : 1;
    brain_.project({}, map, static_cast<Index>(rounds));
    for (const auto& [from, targets] : map)
      for (const auto& to : targets) used_[in_clause_].insert({from, to});
    (round == 0 ? trace.first : trace.later) = map;
    round += rounds;
  }
  for (const auto& rule : word.after) gates_.apply(rule);
  if (record) trace_.push_back(std::move(trace));
}

void Parser::read(const std::string& text) {
  if (grammar_->dependent_clauses && text == "that") return open_clause();
  if (grammar_->dependent_clauses && text == ",") return close_clause();
  run_word(grammar_->word(text), true);
  if (!in_clause_) outer_.push_back(text);
}

/// The noun just read becomes an assembly of DEPCLAUSE, and a new sentence begins around it.
void Parser::open_clause() {
  if (in_clause_ || outer_.empty()) throw Error("\"that\" needs a noun of the main sentence before it");
  const std::string noun = gates_.open("SUBJ") || brain_.winners("OBJ").empty() ? "SUBJ" : "OBJ";
  if (brain_.winners(noun).empty()) throw Error("\"that\" needs a noun before it");
  in_clause_ = true;
  gates_ = SyntaxGates(*grammar_);
  brain_.fix(noun);
  brain_.set_winners(clause_area, {});
  brain_.unfix(clause_area);
  brain_.activate(lexicon, grammar_->word(outer_.back()).index);
  Map map{{noun, {clause_area}}, {lexicon, {clause_area}}};
  brain_.project({}, map);
  map.push_back({clause_area, {clause_area, noun}});
  brain_.project({}, map, static_cast<Index>(options_.rounds - 1));
  used_[0].insert({noun, clause_area});
}

/// The verb of the clause is tied to DEPCLAUSE, and the words of the main sentence are replayed to find their gates
/// again.
void Parser::close_clause() {
  if (!in_clause_ || brain_.winners(root).empty()) throw Error("\",\" closes no clause that has a verb");
  brain_.fix(clause_area);
  brain_.fix(root);
  brain_.project({}, {{clause_area, {root}}, {root, {clause_area}}}, static_cast<Index>(options_.rounds));
  in_clause_ = false;
  gates_ = SyntaxGates(*grammar_);
  brain_.set_plasticity(false);
  for (const std::string& text : outer_) run_word(grammar_->word(text), false);
  brain_.set_plasticity(true);
}

Map Parser::used_fibres(bool clause) const {
  Map map;
  for (const auto& [from, allowed] : grammar_->readout) {
    std::vector<std::string> targets;
    for (const auto& to : allowed)
      if (used_[clause].contains({from, to})) targets.push_back(to);
    if (!targets.empty()) map.emplace_back(from, targets);
  }
  return map;
}

std::string Parser::recognised(const std::string& area) const {
  const auto& winners = brain_.winners(area);
  for (const Word& word : grammar_->words) {
    const auto hits =
        std::count_if(winners.begin(), winners.end(), [&](Index i) { return i / options_.word_k == word.index; });
    if (static_cast<double>(hits) >= options_.min_overlap * options_.word_k) return word.text;
  }
  return "";
}

void Parser::read_out(const std::string& area, const Map& used, std::vector<Dependency>& found) {
  const std::vector<std::string>& targets = targets_of(used, area);
  if (targets.empty()) return;
  brain_.project({}, {{area, targets}});
  const std::string head = recognised(lexicon);
  for (const auto& to : targets) {
    if (to == lexicon) continue;
    if (to == clause_area) brain_.project({}, {{to, {root}}});
    brain_.project({}, {{to == clause_area ? root : to, {lexicon}}});
    found.push_back({head, recognised(lexicon), to == clause_area ? "DEP-VERB" : to});
  }
  for (const auto& to : targets)
    if (to == clause_area)
      read_out(root, used_fibres(true), found);
    else if (to != lexicon)
      read_out(to, used, found);
}

std::vector<Dependency> Parser::dependencies() {
  brain_.set_plasticity(false);
  for (const auto& area : grammar_->areas) brain_.unfix(area);
  std::vector<Dependency> found;
  if (!brain_.winners(root).empty()) read_out(root, used_fibres(), found);
  return found;
}

// Not by a stream: where memory lacks, that would end the sentence.
std::vector<std::string> words_of(const std::string& sentence) {
  constexpr const char* blanks = " \t\n\v\f\r";
  std::vector<std::string> words;
  for (std::size_t begin = sentence.find_first_not_of(blanks); begin != std::string::npos;) {
    const std::size_t end = sentence.find_first_of(blanks, begin);
    words.push_back(sentence.substr(begin, end - begin));
    begin = sentence.find_first_not_of(blanks, end);
  }
  return words;
}

std::vector<Dependency> parse(Backend& backend, std::uint64_t seed, const Grammar& grammar, const std::string& sentence,
                              const ParserOptions& options, Connectome connectome) {
  Parser parser(backend, seed, grammar, options, connectome);
  for (const std::string& word : words_of(sentence)) parser.read(word);
  const std::vector<Dependency> found = parser.dependencies();
  check_finite([&](StateVisitor& visitor) { parser.brain().look_inside(visitor, ""); },
               "sentence \"" + sentence + "\"");
  return found;
}

}  // namespace engram::calculus
