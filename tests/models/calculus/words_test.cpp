// Learners of words.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "tests/models/calculus/statistics.hpp"

namespace engram::calculus {
namespace {

/// A learner of two nouns and two verbs in so many languages; its lexical areas have n neurons, of which k fire.
Brain learner(Backend& backend, std::uint64_t seed, Index n, Index k, Connectome connectome = Connectome::procedural,
              Index languages = 1) {
  Brain brain(backend, seed, {}, connectome);
  AreaOptions area;
  area.beta = 0.06;
  area.explicit_area = true;
  for (const auto& [name, size] :
       {std::pair{"PHON", 400u * languages}, {"VISUAL", 200u}, {"MOTOR", 200u}, {"LANG", 20u * languages}}) {
    area.n = size;
    area.k = name == std::string("LANG") ? 20 : 100;
    brain.add_area(name, area);
  }
  area.n = n;
  area.k = k;
  area.explicit_area = false;
  for (const char* name : {"NOUN", "VERB"}) brain.add_area(name, area);
  return brain;
}

/// Ten learners of two nouns and two verbs; prints what became of each word, as means over the seeds.
void expect_words_learned(Connectome connectome, Index n) {
  const auto backend = test::test_backend({1});
  std::map<std::string, double> sums;
  constexpr int seeds = 10;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Player player = played(learner(*backend, seed, n, 100, connectome), learn_words({}, {}));
    for (const auto& [label, values] : player.results()) sums[label] += values.back();
    for (int word = 0; word < 4; ++word) {
      const std::string label = "word " + std::to_string(word), home = word < 2 ? "NOUN" : "VERB",
                        other = word < 2 ? "VERB" : "NOUN";
      EXPECT_GE(player.result(label), 0.75) << label << ", seed " << seed;
      EXPECT_GT(player.result(label + ", input of " + home), 1.5 * player.result(label + ", input of " + other))
          << label << ", seed " << seed;
      EXPECT_GT(player.result(label + ", stability of " + home), player.result(label + ", stability of " + other))
          << label << ", seed " << seed;
    }
  }
  for (const auto& [label, sum] : sums)
    std::printf("%-28s %10.4g, %s\n", label.c_str(), sum / seeds, name_of(connectome));
}

TEST(Script, TheWordLearnerTellsNounsFromVerbs) { expect_words_learned(Connectome::procedural, 10000); }

// 400 MB a fibre.
TEST(ScriptLong, TheWordLearnerTellsNounsFromVerbsInExplicitBrainsToo) {
  expect_words_learned(Connectome::dense, 10000);
}

/// Explicit areas CONTEXT_0, CONTEXT_1, ... of so many blocks of 20 neurons.
std::vector<std::string> add_contexts(Brain& brain, Index areas, Index blocks) {
  std::vector<std::string> names;
  AreaOptions area;
  area.n = 20 * blocks;
  area.k = 20;
  area.beta = 0.06;
  area.explicit_area = true;
  for (Index i = 0; i < areas; ++i) brain.add_area(names.emplace_back("CONTEXT_" + std::to_string(i)), area);
  return names;
}

/// Mean weight of the synapses from a block of a context area to the neurons that a word fires.
double weight_from(Brain& brain, const std::string& context, Index block, const std::vector<Index>& word,
                   const std::string& lexical) {
  std::vector<Index> neurons(20);
  for (Index i = 0; i < 20; ++i) neurons[i] = 20 * block + i;
  const auto joined = brain.connection(context, neurons, lexical, word);
  EXPECT_GT(joined.synapses, 10);
  return joined.weight / joined.synapses;
}

/// What fires in each sentence of a script: things seen, movements, sounds and further contexts, as "AREA block".
std::vector<std::vector<std::string>> sentences_of(const Script& script) {
  std::vector<std::vector<std::string>> all;
  for (const Step& step : script) {
    if (std::holds_alternative<Plasticity>(step)) break;  // tests follow
    if (const auto* a = std::get_if<Activate>(&step)) {
      if (a->area == "VISUAL") all.emplace_back();
      all.back().push_back(a->area + " " + std::to_string(a->index));
    }
  }
  return all;
}

TEST(Script, FurtherContextsFireAsTheirModelSays) {
  WordAreas areas;
  WordLessons lessons;
  lessons.sentences = 200;
  for (const std::string model : {"A", "B", "C"}) {
    areas.contexts = {"X0", "X1"};
    if (model == "C") areas.contexts.insert(areas.contexts.end(), {"X2", "X3"});
    lessons.context_model = model;
    const auto sentences = sentences_of(learn_words(areas, lessons));
    ASSERT_EQ(sentences.size(), 200u);
    std::map<std::string, int> fired;
    for (const auto& s : sentences) {
      const int noun = s[0].back() - '0', verb = 2 + s[1].back() - '0';
      const auto has = [&](int area, int block) {
        return std::find(s.begin(), s.end(), "X" + std::to_string(area) + " " + std::to_string(block)) != s.end();
      };
      EXPECT_EQ(s[s.size() - 2], "PHON " + std::to_string(noun));
      EXPECT_EQ(s.back(), "PHON " + std::to_string(verb));
      for (std::size_t i = 2; i + 2 < s.size(); ++i) ++fired[s[i]];
      if (model == "A") {
        EXPECT_EQ(s.size(), 6u);
        for (const int area : {0, 1}) EXPECT_NE(has(area, noun), has(area, verb)) << "the one or the other";
      } else if (model == "C") {
        EXPECT_EQ(s.size(), 6u);
        EXPECT_TRUE(has(noun, 0) && has(verb, 0));
      } else if (s.size() == 5) {
        EXPECT_TRUE(has(0, noun) || has(1, noun) || has(0, verb) || has(1, verb)) << "one area for both words";
      } else {
        EXPECT_TRUE((has(0, noun) && has(1, verb)) || (has(1, noun) && has(0, verb)));
      }
    }
    // In A each area fires with each word, in B and C each word has its own one.
    EXPECT_EQ(fired.size(), model == "A" ? 8u : 4u) << model;
    for (const auto& [what, times] : fired) EXPECT_GT(times, 20) << model << ", " << what << ": all words come";
  }
}

/// Of the lessons of one draw: how often a word's own context speaks louder than that of its rival, which is never in a
/// sentence with it, out of `all`.
std::pair<int, int> tied_contexts(Backend& backend, const std::string& model, std::uint64_t draw) {
  Brain brain = learner(backend, 3, 10000, 100);
  WordAreas areas;
  areas.contexts = add_contexts(brain, 2, 4);
  WordLessons lessons;
  lessons.sentences = 40;
  lessons.context_model = model;
  lessons.draw = draw;
  Player player = played(std::move(brain), learn_words(areas, lessons));
  Brain& taught = player.brain();
  taught.set_plasticity(false);
  int tied = 0, all = 0;
  for (Index word = 0; word < 4; ++word) {
    taught.activate("PHON", word);
    const std::string lexical = word < 2 ? "NOUN" : "VERB";
    taught.project({}, {{"PHON", {lexical}}});
    const auto neurons = taught.winners(lexical);
    const auto weight = [&](Index area, Index block) {
      return weight_from(taught, areas.contexts[area], block, neurons, lexical);
    };
    const Index rival = word < 2 ? 1 - word : 5 - word;
    if (model == "A") {
      for (Index area = 0; area < 2; ++area, ++all) tied += weight(area, word) > 2 * weight(area, rival);
    } else {
      const Index own = weight(0, word) > weight(1, word) ? 0 : 1;
      tied += weight(own, word) > 2;
      ++all;
      EXPECT_EQ(weight(1 - own, word), 1) << "a word has one of the areas";
    }
  }
  return {tied, all};
}

TEST(Script, FurtherContextsAreTiedToTheirWords) {
  const auto backend = test::test_backend({1});
  for (const std::string model : {"A", "B"}) {
    int tied = 0, all = 0;
    for (std::uint64_t draw = 0; draw < 4; ++draw) {
      const auto [some, of] = tied_contexts(*backend, model, draw);
      tied += some;
      all += of;
    }
    EXPECT_GE(tied * 4, all * 3) << model;  // of six draws: 41 of 48 in A, 23 of 24 in B
  }
}

TEST(Script, WordsOfTwoLanguagesShareTheirMeaning) {
  const auto backend = test::test_backend({1});
  WordAreas areas;
  areas.language = "LANG";
  Player player = played(learner(*backend, 1, 10000, 100, Connectome::procedural, 2), learn_words(areas, {}));
  for (int word = 0; word < 8; ++word) {
    const std::string label = "word " + std::to_string(word), home = word % 4 < 2 ? "NOUN" : "VERB",
                      other = word % 4 < 2 ? "VERB" : "NOUN";
    EXPECT_GT(player.result(label + ", input of " + home), 1.2 * player.result(label + ", input of " + other)) << label;
  }
  EXPECT_THROW(player.result("word 8"), Error);
  // What is named is the thing, in both languages.
  Brain& brain = player.brain();
  brain.set_plasticity(false);
  for (Index thing = 0; thing < 2; ++thing)
    for (Index language = 0; language < 2; ++language) {
      brain.activate("VISUAL", thing);
      brain.activate("LANG", language);
      brain.project({}, {{"VISUAL", {"NOUN"}}, {"LANG", {"NOUN"}}});
      brain.unfix("PHON");
      brain.project({}, {{"NOUN", {"PHON"}}});
      Index meant = 0;
      for (const Index i : brain.winners("PHON")) meant += i / 100 == thing || i / 100 == 4 + thing;
      EXPECT_GE(meant, 75u) << "thing " << thing << " in language " << language;
    }
}

TEST(Script, LoneWordsTeachOnlyTheirOwnArea) {
  const auto backend = test::test_backend({1});
  WordLessons lessons;
  lessons.sentences = 60;
  lessons.single = 1;  // nothing but lone words
  const Player player = played(learner(*backend, 2, 10000, 100), learn_words({}, lessons));
  for (int word = 0; word < 4; ++word) {
    const std::string label = "word " + std::to_string(word), home = word < 2 ? "NOUN" : "VERB",
                      other = word < 2 ? "VERB" : "NOUN";
    EXPECT_GE(player.result(label), 0.75) << label;
    EXPECT_GT(player.result(label + ", input of " + home), 2 * player.result(label + ", input of " + other)) << label;
  }
}

TEST(Script, TestsBetweenSentencesTellTheFirstSuccessAndTeachNothing) {
  const auto backend = test::test_backend({1});
  WordLessons lessons;
  lessons.sentences = 40;
  lessons.single = 4;
  lessons.draw = 7;
  const auto play = [&](const WordLessons& l) { return played(learner(*backend, 2, 10000, 100), learn_words({}, l)); };
  const Player plain = play(lessons);
  WordLessons tested = lessons;
  tested.every = 5;
  const Player watched = play(tested);
  std::vector<double> named;
  for (const auto& [label, values] : watched.results())
    if (label == "named") named = values;
  ASSERT_EQ(named.size(), 8u);
  const auto first = std::find(named.begin(), named.end(), 4.0);
  ASSERT_NE(first, named.end());
  EXPECT_GT(first, named.begin()) << "or nothing had to be learned";
  EXPECT_EQ(watched.result("all named at test"), static_cast<double>(first - named.begin() + 1));
  for (int word = 0; word < 4; ++word) {
    const std::string label = "word " + std::to_string(word);
    EXPECT_EQ(watched.result(label), plain.result(label)) << "tests teach nothing";
  }
  WordLessons other = lessons;
  other.draw = 8;
  EXPECT_NE(play(other).result("word 0, input of NOUN"), plain.result("word 0, input of NOUN")) << "other sentences";
}

/// Random sentences until all four words are named, k = 50 of n = 100,000 neurons: how many there were, by seed.
Values sentences_needed(Connectome connectome, int seeds, int single) {
  const auto backend = test::test_backend({1});
  Values needed;
  for (int seed = 0; seed < seeds; ++seed) {
    WordLessons lessons;
    lessons.sentences = 250;
    lessons.every = 1;
    lessons.single = single;
    lessons.draw = static_cast<std::uint64_t>(seed);
    Player player(learner(*backend, static_cast<std::uint64_t>(seed), 100000, 50, connectome),
                  learn_words({}, lessons));
    const auto all_named = [&] {
      const auto& results = player.results();
      const auto named = std::find_if(results.begin(), results.end(), [](const auto& r) { return r.first == "named"; });
      return named != results.end() && named->second.back() == 4 ? static_cast<double>(named->second.size()) : 0;
    };
    for (std::size_t t = 0; t < player.ticks() && all_named() == 0; ++t) player.tick(t);
    EXPECT_GT(all_named(), 0) << "seed " << seed;
    needed.push_back(all_named());
    std::printf("seed %d: %g\n", seed, needed.back());
  }
  return needed;
}

TEST(ScriptLong, RandomSentencesTeachAllWordsAsSoonAsRecorded) {
  // The record counts from 0 and does not look after the first sentence.
  const Values recorded{77, 46};
  const Table found{{"lazy", sentences_needed(Connectome::lazy, 12, 0)},
                    {"exact", sentences_needed(Connectome::procedural, 12, 0)},
                    {"exact, every other one a lone word", sentences_needed(Connectome::procedural, 12, 2)}};
  expect_like(found, "lazy", recorded);
  expect_like(found, "exact", recorded);
  const Values& tutored = found.at("exact, every other one a lone word");
  std::printf("with lone words %g +- %g\n", mean(tutored), standard_error(tutored));
}

}  // namespace
}  // namespace engram::calculus
