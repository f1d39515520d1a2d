// Scripts of the published operations. `rounds` counts projection rounds; each returns a script for a brain that has
// the areas and stimuli.
#pragma once

#include <array>
#include <optional>

#include "engram/calculus/script.hpp"

namespace engram::calculus {

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
/// `recurrent_beta`.
Script memorize_sequence(const std::vector<std::string>& stimuli, const std::string& area, int rounds, int recurrent,
                         int repetitions, double inhibition, int max_steps, std::optional<double> recurrent_beta = {});
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
