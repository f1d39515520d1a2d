// Steps of a protocol that learn words and their order.
#pragma once

#include "engine/models/calculus/presets/preset_steps.hpp"

namespace engram::calculus::presets {

struct LearnWords {
  static constexpr const char *name = "learn_words",
                              *help = "hears sentences of a noun and a verb, then the naming test";
  Names<5> areas;
  std::string language;
  Index nouns = 1, verbs = 1;
  int rounds = 2, every = 0;
  std::uint64_t draw = 0;
  std::optional<int> repetitions, sentences, single;
  std::optional<Index> languages;
  std::optional<std::vector<std::string>> contexts;
  std::optional<std::string> context_model;
  static constexpr auto fields = std::tuple{
      required(Field{"areas", &LearnWords::areas, "of sounds, things seen, movements, nouns and verbs"}),
      Field{"language", &LearnWords::language, "area with a block a language; \"\": there is one language"},
      required(Field{"nouns", &LearnWords::nouns, "how many", 1.0, 1e6}),
      required(Field{"verbs", &LearnWords::verbs, "how many", 1.0, 1e6}),
      Field{"rounds", &LearnWords::rounds, "rounds of a word with recurrence and feedback, after one without", 1.0,
            max_rounds},
      Field{"every", &LearnWords::every, "the naming test after each so many sentences; 0: only at the end", 0.0,
            max_rounds},
      Field{"draw", &LearnWords::draw, "which random choices"},
      Field{"repetitions", &LearnWords::repetitions, "of all sentences, in all languages; default 10", 1.0, max_rounds},
      Field{"sentences", &LearnWords::sentences, "in place of repetitions: so many random ones", 1.0, max_rounds},
      Field{"single", &LearnWords::single, "every so many-th of the random sentences is a lone word; default: none",
            1.0, max_rounds},
      Field{"languages", &LearnWords::languages, "with an area of languages: how many; default 2", 1.0, 1e6},
      Field{"contexts", &LearnWords::contexts, "further areas that fire with a sentence", 1.0, no_limit},
      Field{"context_model", &LearnWords::context_model, "which of the contexts fire", 0.0, 0.0, "A|B|C"},
  };
  void check_together(const Report&) const;
  Script script() const;

 private:
  WordAreas word_areas() const;
  WordLessons lessons() const;
};
struct LearnOrder {
  static constexpr const char *name = "learn_order",
                              *help = "hears sentences in the order of their mood, then says which role comes first";
  Names<11> areas;
  Index nouns = 1, verbs = 1;
  std::vector<std::string> orders;
  int repetitions = 10, rounds = 10;
  static constexpr auto fields = std::tuple{
      required(Field{"areas", &LearnOrder::areas,
                     "of sounds and moods; of subject, object and verb the roles, their helpers, their syntax areas"}),
      required(Field{"nouns", &LearnOrder::nouns, "how many", 1.0, 1e6}),
      required(Field{"verbs", &LearnOrder::verbs, "how many", 1.0, 1e6}),
      required(Field{"orders", &LearnOrder::orders, "of each mood, such as SVO", 1.0, no_limit}),
      Field{"repetitions", &LearnOrder::repetitions, "sentences of each mood", 1.0, max_rounds},
      Field{"rounds", &LearnOrder::rounds, "rounds of a word", 1.0, max_rounds},
  };
  void check_together(const Report&) const;
  Script script() const;
};

}  // namespace engram::calculus::presets
