// Parsing by the assembly calculus: areas for syntactic roles, gated by inhibition, and word by word a burst of
// projection rounds (Mitropolsky, Collins & Papadimitriou 2021, "A biologically plausible parser", TACL 9:1374).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engram/calculus/brain.hpp"
#include "engram/calculus/gates.hpp"

namespace engram::calculus {

/// Closes (inhibit) or opens an area, or the fibres between two areas in both directions, for one of several reasons: a
/// gate is open when no reason holds.
struct GatingRule {
  bool inhibit = false;
  std::string area, other;  ///< `other` empty: the area itself
  int index = 0;
  bool operator==(const GatingRule&) const = default;
};

struct Word {
  std::string text;
  Index index = 0;  ///< block of neurons in LEX; forms of one word share it
  std::vector<GatingRule> before, after;
};

struct Grammar {
  std::string name;
  std::vector<std::string> areas, recurrent, initially_open;
  std::vector<std::pair<std::string, std::vector<std::string>>> readout;  ///< which fibres carry a dependency
  std::vector<Word> words;
  std::size_t max_from_lexicon = 0;  ///< a word may reach so many areas at once; 0: any number
  bool dependent_clauses = false;    ///< "that" ... ","

  const Word& word(const std::string& text) const;  ///< throws Error
};
const Grammar& english();
const Grammar& russian();
const Grammar& english_with_clauses();

/// Gates that words move, and the projection map that follows from them. At first all but the grammar's open areas are
/// closed, and all fibres.
class SyntaxGates : public Gates {
 public:
  explicit SyntaxGates(const Grammar& grammar);
  void apply(const GatingRule& rule) {
    rule.inhibit ? inhibit(rule.area, rule.other, rule.index) : disinhibit(rule.area, rule.other, rule.index);
  }
  /// Every open pair of open areas, except LEX onto itself: a source with winners projects, and a target with winners
  /// also projects onto itself. `fires` tells who has winners.
  Map projections(const std::function<bool(const std::string&)>& fires) const;

 private:
  std::vector<std::string> names_;
};

struct ParserOptions {
  double p = 0.1;
  Index n = 10000, k = 100, word_k = 20;  ///< neurons and winners of an area; winners of a word and of DET
  int rounds = 20;                        ///< of projection, a word
  double beta = 0.2, lexicon_beta = 1, recurrent_beta = 0.05, between_beta = 0.5;
  double min_overlap = 0.7;  ///< of a word's neurons, to be recognised

  static constexpr auto fields = std::tuple{
      Field{"p", &ParserOptions::p, "probability of a synapse", 0.0, 1.0},
      Field{"n", &ParserOptions::n, "neurons of an area", 1.0, 1e9},
      Field{"k", &ParserOptions::k, "winners of an area", 1.0, 1e6},
      Field{"word_k", &ParserOptions::word_k, "neurons of a word in LEX, and winners of DET", 1.0, 1e6},
      Field{"rounds", &ParserOptions::rounds, "projection rounds a word", 1.0, 1e6},
      Field{"beta", &ParserOptions::beta, "learning rate, where none of the others applies", 0.0, 1e3},
      Field{"lexicon_beta", &ParserOptions::lexicon_beta, "learning rate between LEX and recurrent areas", 0.0, 1e3},
      Field{"recurrent_beta", &ParserOptions::recurrent_beta, "learning rate of recurrent fibres", 0.0, 1e3},
      Field{"between_beta", &ParserOptions::between_beta, "learning rate between recurrent areas", 0.0, 1e3},
      Field{"min_overlap", &ParserOptions::min_overlap, "share of a word's neurons that must fire to recognise it", 0.0,
            1.0},
  };
};

struct Dependency {
  std::string head, dependent, area;  ///< words are "" where none was recognised
  auto operator<=>(const Dependency&) const = default;
};

/// What happened at one word.
struct WordTrace {
  std::string word;
  Map before_erasing, first, later;
  std::vector<std::string> fixed, erased;
};

/// A dependency of area "DEP-VERB" leads from a noun to the verb of its clause.
/// One sentence, on a brain of its own.
class Parser {
 public:
  Parser(Backend& backend, std::uint64_t seed, const Grammar& grammar, const ParserOptions& options = {},
         Connectome connectome = Connectome::procedural);
  /// Reads words in order. Throws Error for a word that the grammar does not know or cannot take here.
  void read(const std::string& word);
  /// Learning off: from VERB, which words belong together. Depth first; areas in the order of the readout table.
  std::vector<Dependency> dependencies();

  const SyntaxGates& gates() const { return gates_; }
  const std::vector<WordTrace>& trace() const { return trace_; }
  /// Fibres that were used in the main sentence, or in a clause, and that the readout table names.
  Map used_fibres(bool clause = false) const;
  Brain& brain() { return brain_; }

 private:
  Map projections() const;
  void run_word(const Word& word, bool record);
  void open_clause();
  void close_clause();
  std::string recognised(const std::string& area) const;
  void read_out(const std::string& area, const Map& used, std::vector<Dependency>& found);

  const Grammar* grammar_;
  ParserOptions options_;
  Brain brain_;
  SyntaxGates gates_;
  std::set<std::pair<std::string, std::string>> used_[2];  ///< in the main sentence, in the clause
  std::vector<WordTrace> trace_;
  std::vector<std::string> outer_;  ///< words since the sentence began, outside of clauses
  bool in_clause_ = false;
};

std::vector<std::string> words_of(const std::string& sentence);  ///< what blanks separate
/// Parses a sentence of words separated by blanks.
std::vector<Dependency> parse(Backend& backend, std::uint64_t seed, const Grammar& grammar, const std::string& sentence,
                              const ParserOptions& options = {}, Connectome connectome = Connectome::procedural);

}  // namespace engram::calculus
