// Scripts of rounds: what the operations of the assembly calculus are made of, as data. The presets at the end are such
// scripts; JSON experiments write their own.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "engram/calculus/brain.hpp"

namespace engram::calculus {

/// Rounds with the same maps; ends early when for `stable` rounds no neuron was new and no winner changed (0: never),
/// or after a round in which no target gained more than `few` neurons (-1: never).
struct Project {
  Map stimuli, areas;
  int rounds = 1, stable = 0, few = -1;
};
struct Fix {
  std::string area;
  bool on = true;
};
struct Activate {
  std::string area;
  Index index = 0;
};
/// Fires a part of a remembered assembly, chosen at random; with `join` beside the neurons that fire already.
struct Fire {
  std::string area, assembly;
  double fraction = 1;
  bool join = false;
};
struct Winners {
  std::string area;
  std::vector<Index> neurons;
};
struct Plasticity {
  bool on = true;
};
/// Learning rate of a fibre; below 0: that of the target area again.
struct Rate {
  std::string from, to;
  double beta = 0;
};
/// Closes an area, or its fibres from and to `other`; or takes that reason back.
struct Gate {
  std::string area, other;
  int reason = 0;
  bool inhibit = true;
};
/// Lets areas exclude each other (Brain::exclude), or no longer.
struct Exclude {
  std::vector<std::string> areas;
  bool on = true;
};
/// See Brain::normalise.
struct Normalise {
  std::string area;
  double total = 0;
};
/// Strength of long-range inhibition from now on; `clear` forgets who fired lately.
struct Inhibition {
  std::string area;
  double strength = 0;
  bool clear = false;
};
/// Keeps the present winners of an area as an assembly of that name.
struct Remember {
  std::string name, area;
};
/// A number for the results. overlap: of assemblies a and b, a share of b; support, newcomers, input: of area a;
/// density: synapses inside assembly b of area a, a share of all pairs; weight: their mean weight; block: winners of
/// area a among its neurons index * k .. index * k + k - 1, a share of k; best_block: the index for which that is
/// largest, -1 where nothing fires; active: which of `areas` fires, the first one, -1 for none; mean: of all values
/// measured as a; passed: how many of the labels `areas` were last measured as `least` or more; first: the number,
/// from 1 on, of the first value measured as a that is `least` or more, 0 where none is.
struct Measure {
  std::string what, label, a, b;
  Index index = 0;
  std::vector<std::string> areas = {};
  double least = 0;
};
/// Copies of the whole brain, to branch from.
struct Save {
  std::string name;
};
struct Restore {
  std::string name;
};
/// Fires a cue once and then lets the area run alone; which of the remembered assemblies come, in order, as numbers.
/// Ends when one comes again (overlap above 0.9), when none is known (best overlap below 0.3), or after `max_steps`.
struct OrderedRecall {
  std::string label, stimulus, area;
  std::vector<std::string> known;
  int max_steps = 20;
};

/// A machine whose states are blocks of neurons: fires the block of the present state in `state`, and that of the next
/// symbol in `symbol` unless it is "", projects them to `via` and that to `next`, where the block that answers is the
/// state to come. Puts the states, as numbers; ends after all symbols, or `steps` where there are none, or where fewer
/// than `least` of a block answer.
struct Walk {
  std::string label, state, symbol, via, next;
  Index start = 0;
  std::vector<Index> symbols = {};
  int steps = 1;
  double least = 0.75;
};

using Step = std::variant<Project, Fix, Activate, Fire, Winners, Plasticity, Rate, Gate, Exclude, Normalise, Inhibition,
                          Remember, Measure, Save, Restore, OrderedRecall, Walk>;
using Script = std::vector<Step>;

/// Runs a script on a brain, one tick at a time: a tick is one round of a Project, or one other step.
class Player {
 public:
  Player(Brain brain, Script script);
  std::size_t ticks() const { return ends_.empty() ? 0 : ends_.back(); }
  /// Returns the areas that this tick projected to, none where it was another step or was skipped as stable.
  std::vector<std::string> tick(std::size_t t);
  /// How many ticks from t on, at most `most`, are rounds that may be taken in one call: 1 where a brain gains nothing
  /// by it.
  std::size_t together(std::size_t t, std::size_t most) const;
  /// So many ticks, which tick() would leave in the same state; returns the areas that the last one projected to.
  std::vector<std::string> advance(std::size_t t, std::size_t count);
  void run() {
    for (std::size_t t = 0, n = 0; t < ticks(); t += n) advance(t, n = together(t, ticks() - t));
  }

  Brain& brain() { return brain_; }
  const Brain& brain() const { return brain_; }
  const std::vector<Index>& assembly(const std::string& name) const;
  /// label -> values, in the order in which they were measured.
  const std::vector<std::pair<std::string, std::vector<double>>>& results() const { return results_; }
  double result(const std::string& label) const;  ///< the last value of a label
  /// Throws Error for names that the script uses before they exist; checks everything before a run.
  static void check(const Brain& brain, const Script& script);

  nlohmann::json state() const;
  void set_state(const StateReader&);

 private:
  void measure(const Measure&);
  void recall(const OrderedRecall&);
  void walk(const Walk&);
  std::vector<std::string> project(const Project&, int round);
  void put(const std::string& label, double value);
  std::size_t step_at(std::size_t t) const;
  const std::vector<Index>& remembered(const std::string& name) const;
  [[noreturn]] static void lacks(const char* what, const std::string& name);

  Brain brain_;
  Script script_;
  std::vector<std::size_t> ends_;  ///< of each step, the first tick after it
  std::map<std::string, std::vector<Index>> assemblies_;
  std::map<std::string, Brain> saved_;
  std::vector<std::pair<std::string, std::vector<double>>> results_;
  int unchanged_ = 0;        ///< rounds of the present step without a change
  bool settled_ = false;     ///< the present step has ended early
  std::uint64_t fired_ = 0;  ///< random choices made so far
};

// ---- presets. `rounds` counts projection rounds; each returns a script for a brain that has the areas and stimuli.

/// Stimulus onto area, then with recurrence.
Script project(const std::string& stimulus, const std::string& area, int rounds, int stable = 0);
/// A stimulus drives A; A is held and drives B, B drives A; then B alone brings A back ("restored"), and A settles with
/// its own recurrence for `settle` rounds ("settled").
Script reciprocal_project(const std::string& stimulus, const std::string& a, const std::string& b, int rounds,
                          int settle);
/// Assemblies of A and B are projected to C in turn, then together; remembers "A", "B", "both" and "B after" in C.
Script associate(const std::string& stimulus_a, const std::string& a, const std::string& stimulus_b,
                 const std::string& b, const std::string& c, int rounds, int together);
/// A and B form one assembly in C, with feedback.
Script merge(const std::string& stimulus_a, const std::string& a, const std::string& stimulus_b, const std::string& b,
             const std::string& c, int rounds);
/// Forms an assembly, fires a part of it and measures "completion" after each round.
Script complete(const std::string& stimulus, const std::string& area, int form, double fraction, int rounds);
/// Two assemblies that are projected to C together come to share neurons there ("overlap in C"); each is then projected
/// on to D, once and with nothing learned there ("overlap in D").
Script preserve_overlap(const std::string& stimulus_a, const std::string& a, const std::string& stimulus_b,
                        const std::string& b, const std::string& c, const std::string& d, int rounds);
/// Density inside a converged assembly: "density" and "weight".
Script density(const std::string& stimulus, const std::string& area, int rounds);
/// Two inputs that share neurons, onto the same area, in turn: "overlap", and "restored" for each, with learning on or
/// off.
Script separate(const std::string& input, const std::vector<Index>& first, const std::vector<Index>& second,
                const std::string& area, int rounds, bool learning = false);
/// An area of few winners drives one of many (10 k in the published run) with rates of 0.8 between them, until both are
/// stable: "A before and after", "support of A", "support of B". No phase takes more than `most` rounds.
Script larger_k(const std::string& stimulus, const std::string& a, const std::string& b, int most);
/// A is tied to B, then to C in its place, as a tape square is erased: "B after", what is left of the assembly in B
/// that A brings back, and "A after", how much A changed.
Script erase(const std::string& stimulus, const std::string& a, const std::string& b, const std::string& c, int most);
/// Each stimulus in turn, `recurrent` of its `rounds` with recurrence; then, with long-range inhibition of that
/// strength, recall from the first: "order". The area needs a refractory period. While it learns, the recurrent rate is
/// `recurrent_beta` (below 0: the area's).
Script memorize_sequence(const std::vector<std::string>& stimuli, const std::string& area, int rounds, int recurrent,
                         int repetitions, double inhibition, int max_steps, double recurrent_beta = -1);
/// Stores an assembly for each stimulus, then fires a part of each, learning off, and measures "recall" of each. With
/// `every`, all that are stored are recalled after each so many: "mean recall of 8", "mean recall of 16", ...
Script capacity(const std::vector<std::string>& stimuli, const std::string& area, int form, double fraction, int rounds,
                int every = 0);

/// Teaches a machine its table of (state, symbol, next state): the blocks of the first two meet in `via`, which learns
/// to fire the block of the third in `next`. Without a symbol area ("") it learns successors, and symbols are ignored.
using Transition = std::array<Index, 3>;
Script learn_transitions(const std::string& state, const std::string& symbol, const std::string& via,
                         const std::string& next, const std::vector<Transition>& table, int rounds, int repetitions);

/// The areas of a learner of nouns and verbs: sounds (a block of k neurons a word, nouns first), things seen (a block a
/// noun), movements (a block a verb), and the two areas where words form. An area `language` has a block a language,
/// and sounds then a block for each word of each language, those of the first language first. What else fires with a
/// sentence stands in `contexts`: see WordLessons.
struct WordAreas {
  std::string sound = "PHON", seen = "VISUAL", moved = "MOTOR", noun = "NOUN", verb = "VERB", language = "";
  std::vector<std::string> contexts = {};
};
struct WordLessons {
  Index nouns = 2, verbs = 2, languages = 2;  ///< languages only where there is an area for them
  int repetitions = 10;                       ///< of all sentences, in all languages
  int sentences = 0;                          ///< more than 0: so many random ones instead
  std::uint64_t draw = 0;                     ///< which random choices
  int rounds = 2;                             ///< with recurrence and feedback, a word, after one without
  int single = 0;  ///< every so many-th of the random sentences is a lone word; nouns and verbs exclude each other then
  int every = 0;   ///< the naming test after each so many sentences; 0: only at the end
  /// Which further contexts fire. "A": all areas, each with its block of the noun or of the verb, at random; "B": the
  /// areas of the two words, each word having one of them at random, with the block of the word; "C": those of the two
  /// words, there being an area of one block for each word.
  std::string context_model = "A";
};
/// Hears sentences of a noun and a verb while the thing is seen and the movement felt. Then, learning off, the naming
/// test, from what is seen or felt to the sound ("word i": share of its block, i counting the blocks of sounds), and
/// from the sound of word i to both areas: "word i, input of NOUN", "word i, stability of NOUN", the same of VERB. With
/// tests in between also "named": how many words reach 0.75 in each; "all named at test": the first one in which all
/// do, 0 where none is.
Script learn_words(const WordAreas& areas, const WordLessons& lessons);

/// The areas of a learner of word order: sounds (a block a word, nouns first), moods (a block each), and for subject,
/// object and verb, in this order, the area of the role, its helper and its syntax area. Helpers must exclude each
/// other, and syntax areas too: Brain::exclude.
struct OrderAreas {
  std::string sound, mood;
  std::vector<std::string> roles, helpers, syntax;
};
/// Of subject 0, object 1 and verb 2, which comes first, second and third.
using WordOrder = std::array<std::size_t, 3>;
/// Hears sentences in the order of their mood, `repetitions` for each; then, learning off, says for each mood which
/// helper fires first, second and third: "mood 0, place 0", ...
Script learn_order(const OrderAreas& areas, Index nouns, Index verbs, const std::vector<WordOrder>& orders,
                   int repetitions, int rounds);

}  // namespace engram::calculus
