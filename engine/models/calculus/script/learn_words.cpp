// A script that learns words from sentences, and tests what was learned.
#include "engine/models/calculus/script/script_parts.hpp"

namespace engram::calculus {

namespace {

class Lessons {
 public:
  Lessons(const WordAreas& areas, const WordLessons& lessons) : x_(areas), o_(lessons) {}

  Script script() {
    if (o_.sentences > 0)
      for (int lesson = 1; lesson <= o_.sentences; ++lesson) {
        random_lesson(lesson);
        if (o_.every > 0 && lesson % o_.every == 0) look();
      }
    else
      all_sentences();
    if (looked_) script_.push_back(Measure{"all named at test", measures::First{"named", 1.0 * languages() * words()}});
    script_.push_back(Plasticity{false});
    for (Index language = 0; language < languages(); ++language)
      for (Index word = 0; word < words(); ++word) {
        name(word, language);
        recognise(word, language);
      }
    script_.push_back(Plasticity{true});
    return std::move(script_);
  }

 private:
  Index words() const { return o_.nouns + o_.verbs; }
  Index languages() const { return x_.language.empty() ? 1 : o_.languages; }
  bool noun(Index word) const { return word < o_.nouns; }
  const std::string& context(Index word) const { return noun(word) ? x_.seen : x_.moved; }
  const std::string& home(Index word) const { return noun(word) ? x_.noun : x_.verb; }
  Index sound(Index word, Index language) const { return language * words() + word; }
  std::string label(Index word, Index language) const { return "word " + std::to_string(sound(word, language)); }

  /// One of n choices of a lesson, or of all of them (lesson 0).
  Index choose(int lesson, Index what, Index n) const {
    return static_cast<Index>(Random{o_.draw, Stream::calculus_lesson, static_cast<Tick>(lesson), what}.below(n));
  }

  void activate_meaning(Index word) { script_.push_back(Activate{context(word), noun(word) ? word : word - o_.nouns}); }

  /// Hears a word while some areas fire: these, what is seen or felt, and its language.
  void hear(Index word, Index language, const std::vector<std::string>& meanings,
            const std::vector<std::string>& others) {
    Map first{{x_.sound, {x_.noun, x_.verb}}}, back{{x_.noun, {x_.noun, x_.sound}}, {x_.verb, {x_.verb, x_.sound}}};
    for (const auto& area : meanings) {
      const bool of_noun = area == x_.seen;
      first.push_back({area, {of_noun ? x_.noun : x_.verb}});
      back[of_noun ? 0 : 1].second.push_back(area);
    }
    for (const auto& area : others) first.push_back({area, {x_.noun, x_.verb}});
    if (!x_.language.empty()) first.push_back({x_.language, {x_.noun, x_.verb}});
    Map later = first;
    later.insert(later.end(), back.begin(), back.end());
    script_.push_back(Activate{x_.sound, sound(word, language)});
    phase(script_, {}, first, later, o_.rounds + 1);
  }

  void speak(Index language) {
    if (!x_.language.empty()) script_.push_back(Activate{x_.language, language});
  }

  void sentence(Index a_noun, Index a_verb, Index language, int lesson) {
    activate_meaning(a_noun);
    activate_meaning(a_verb);
    speak(language);
    const std::vector<std::string> others = further_contexts(a_noun, a_verb, lesson);
    for (const Index word : {a_noun, a_verb}) hear(word, language, {x_.seen, x_.moved}, others);
  }

  /// The further context areas that fire in a sentence.
  std::vector<std::string> further_contexts(Index a_noun, Index a_verb, int lesson) {
    const auto areas = static_cast<Index>(x_.contexts.size());
    constexpr Index first_area = 3;  // the first choices of a lesson are words and language
    std::vector<std::string> fire;
    const auto activate = [&](Index area, Index block) {
      script_.push_back(Activate{x_.contexts[area], block});
      fire.push_back(x_.contexts[area]);
    };
    if (o_.context_model == "A")
      for (Index area = 0; area < areas; ++area) activate(area, choose(lesson, first_area + area, 2) ? a_verb : a_noun);
    if (o_.context_model == "B" && areas > 0) {
      const Index of_noun = choose(0, a_noun, areas), of_verb = choose(0, a_verb, areas);
      if (of_noun == of_verb) {
        activate(of_noun, choose(lesson, first_area, 2) ? a_verb : a_noun);
      } else {
        activate(of_noun, a_noun);
        activate(of_verb, a_verb);
      }
    }
    if (o_.context_model == "C" && areas > 0) {
      activate(a_noun, 0);
      activate(a_verb, 0);
    }
    return fire;
  }

  void all_sentences() {
    int lesson = 0;
    for (int repetition = 0; repetition < o_.repetitions; ++repetition)
      for (Index language = 0; language < languages(); ++language)
        for (Index a_noun = 0; a_noun < o_.nouns; ++a_noun)
          for (Index a_verb = 0; a_verb < o_.verbs; ++a_verb) {
            sentence(a_noun, o_.nouns + a_verb, language, ++lesson);
            if (o_.every > 0 && lesson % o_.every == 0) look();
          }
  }

  void random_lesson(int lesson) {
    const Index language = choose(lesson, 2, languages());
    if (o_.single == 0 || lesson % o_.single != 0)
      return sentence(choose(lesson, 0, o_.nouns), o_.nouns + choose(lesson, 1, o_.verbs), language, lesson);
    // A lone word: of the two areas only the one that receives more fires, and learns.
    const Index word = choose(lesson, 0, words());
    activate_meaning(word);
    speak(language);
    script_.push_back(Exclude{{x_.noun, x_.verb}});
    hear(word, language, {context(word)}, {});
    script_.push_back(Include{{x_.noun, x_.verb}});
  }

  /// From what is seen or felt to the sound.
  void name(Index word, Index language) {
    activate_meaning(word);
    speak(language);
    Map inwards{{context(word), {home(word)}}};
    if (!x_.language.empty()) inwards.push_back({x_.language, {home(word)}});
    script_.push_back(Project{{}, inwards, 1, 0});
    script_.push_back(Unfix{x_.sound});
    script_.push_back(Project{{}, {{home(word), {x_.sound}}}, 1, 0});
    script_.push_back(Measure{label(word, language), measures::Block{x_.sound, sound(word, language)}});
  }

  /// How many words are named, without learning from it.
  void look() {
    looked_ = true;
    measures::Passed named{{}, 0.75};
    script_.push_back(Plasticity{false});
    for (Index language = 0; language < languages(); ++language)
      for (Index word = 0; word < words(); ++word) {
        name(word, language);
        named.labels.push_back(label(word, language));
      }
    script_.push_back(Measure{"named", named});
    script_.push_back(Plasticity{true});
  }

  /// From the sound to both areas.
  void recognise(Index word, Index language) {
    script_.push_back(Activate{x_.sound, sound(word, language)});
    script_.push_back(Project{{}, {{x_.sound, {x_.noun, x_.verb}}}, 1, 0});
    for (const auto& area : {x_.noun, x_.verb}) {
      script_.push_back(Measure{label(word, language) + ", input of " + area, measures::Input{area}});
      script_.push_back(Remember{"heard in " + area, area});
    }
    script_.push_back(Project{{}, {{x_.sound, {x_.noun, x_.verb}}, {x_.noun, {x_.noun}}, {x_.verb, {x_.verb}}}, 1, 0});
    for (const auto& area : {x_.noun, x_.verb}) {
      script_.push_back(Remember{"settled in " + area, area});
      script_.push_back(Measure{label(word, language) + ", stability of " + area,
                                measures::Overlap{"settled in " + area, "heard in " + area}});
    }
  }

  const WordAreas& x_;
  const WordLessons& o_;
  Script script_;
  bool looked_ = false;
};

}  // namespace

Script learn_words(const WordAreas& areas, const WordLessons& lessons) { return Lessons(areas, lessons).script(); }

}  // namespace engram::calculus
