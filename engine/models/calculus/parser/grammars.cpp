// Word tables. A rule is written "+A" to inhibit area A, "-A:B" to open the fibres between A and B; "/1" names a reason
// other than 0.
#include <algorithm>

#include "engram/calculus/parser.hpp"

namespace engram::calculus {

namespace {

std::vector<GatingRule> rules(const char* text) {
  std::vector<GatingRule> all;
  for (std::string token : words_of(text)) {
    GatingRule rule;
    rule.inhibit = token[0] == '+';
    if (const auto slash = token.find('/'); slash != std::string::npos) {
      rule.index = std::stoi(token.substr(slash + 1));
      token.resize(slash);
    }
    const auto colon = token.find(':');
    rule.area = token.substr(1, colon - 1);
    if (colon != std::string::npos) rule.other = token.substr(colon + 1);
    all.push_back(rule);
  }
  return all;
}

/// A word class: its rules, and the words with their blocks.
void add(Grammar& grammar, std::initializer_list<std::pair<const char*, Index>> words, const char* before,
         const char* after) {
  for (const auto& [text, index] : words) grammar.words.push_back({text, index, rules(before), rules(after)});
}

Grammar make_english() {
  Grammar g;
  g.name = "english";
  g.areas = {"LEX", "DET", "SUBJ", "OBJ", "VERB", "ADJ", "ADVERB", "PREP", "PREP_P"};
  g.recurrent = {"SUBJ", "OBJ", "VERB", "ADJ", "ADVERB", "PREP", "PREP_P"};
  g.initially_open = {"LEX", "SUBJ", "VERB"};
  g.readout = {{"VERB", {"LEX", "SUBJ", "OBJ", "PREP_P", "ADVERB", "ADJ"}},
               {"SUBJ", {"LEX", "DET", "ADJ", "PREP_P"}},
               {"OBJ", {"LEX", "DET", "ADJ", "PREP_P"}},
               {"PREP_P", {"LEX", "PREP", "ADJ", "DET"}},
               {"PREP", {"LEX"}},
               {"ADJ", {"LEX"}},
               {"DET", {"LEX"}},
               {"ADVERB", {"LEX"}},
               {"LEX", {}}};
  g.max_from_lexicon = 2;
  add(g, {{"the", 0}, {"a", 1}}, "-DET -LEX:DET", "+LEX:DET +VERB:ADJ");
  const char* noun_before =
      "-LEX:SUBJ -LEX:OBJ -LEX:PREP_P -DET:SUBJ -DET:OBJ -DET:PREP_P -ADJ:SUBJ -ADJ:OBJ -ADJ:PREP_P -VERB:OBJ "
      "-PREP_P:PREP "
      "-PREP_P:SUBJ -PREP_P:OBJ";
  const char* noun_after =
      "+DET +ADJ +PREP_P +PREP +LEX:SUBJ +LEX:OBJ +LEX:PREP_P +ADJ:SUBJ +ADJ:OBJ +ADJ:PREP_P +DET:SUBJ +DET:OBJ "
      "+DET:PREP_P "
      "+VERB:OBJ +PREP_P:PREP +PREP_P:VERB -LEX:SUBJ/1 -LEX:OBJ/1 -DET:SUBJ/1 -DET:OBJ/1 -ADJ:SUBJ/1 -ADJ:OBJ/1 "
      "+PREP_P:SUBJ "
      "+PREP_P:OBJ +VERB:ADJ";
  add(g, {{"dogs", 2}, {"cats", 3}, {"mice", 4}, {"people", 5}}, noun_before, noun_after);
  const char* verb_before = "-LEX:VERB -VERB:SUBJ -VERB:ADVERB -ADVERB/1";
  const char* transitive_after = "+LEX:VERB -OBJ +SUBJ +ADVERB -PREP_P:VERB";
  add(g, {{"chase", 6}, {"love", 7}, {"bite", 8}}, verb_before, transitive_after);
  const char* preposition_after =
      "+LEX:PREP -PREP_P +LEX:SUBJ/1 +LEX:OBJ/1 +DET:SUBJ/1 +DET:OBJ/1 +ADJ:SUBJ/1 +ADJ:OBJ/1";
  add(g, {{"of", 9}}, "-PREP -LEX:PREP", preposition_after);
  add(g, {{"big", 10}, {"bad", 11}}, "-ADJ -LEX:ADJ", "+LEX:ADJ +VERB:ADJ");
  add(g, {{"run", 12}, {"fly", 13}}, verb_before, "+LEX:VERB +SUBJ +ADVERB -PREP_P:VERB");
  add(g, {{"quickly", 14}}, "-ADVERB -LEX:ADVERB", "+LEX:ADVERB +ADVERB/1");
  add(g, {{"in", 15}}, "-PREP -LEX:PREP", preposition_after);
  add(g, {{"are", 16}}, "-LEX:VERB -VERB:SUBJ", "+LEX:VERB -OBJ +SUBJ -ADJ:VERB");
  add(g, {{"man", 17}, {"woman", 18}}, noun_before, noun_after);
  add(g, {{"saw", 19}}, verb_before, transitive_after);
  return g;
}

Grammar make_russian() {
  Grammar g;
  g.name = "russian";
  g.areas = {"LEX", "NOM", "VERB", "ACC", "DAT"};
  g.recurrent = {"NOM", "VERB", "ACC", "DAT"};
  g.initially_open = {"LEX"};
  g.readout = {
      {"VERB", {"LEX", "NOM", "ACC", "DAT"}}, {"NOM", {"LEX"}}, {"ACC", {"LEX"}}, {"DAT", {"LEX"}}, {"LEX", {}}};
  add(g, {{"vidit", 0}, {"lyubit", 1}}, "-VERB -LEX:VERB -VERB:NOM -VERB:ACC", "+LEX:VERB");
  add(g, {{"kot", 2}}, "-NOM -LEX:NOM", "+LEX:NOM");
  add(g, {{"kota", 2}}, "-ACC -LEX:ACC", "+LEX:ACC");
  add(g, {{"sobaka", 3}}, "-NOM -LEX:NOM", "+LEX:NOM");
  add(g, {{"sobaku", 3}}, "-ACC -LEX:ACC", "+LEX:ACC");
  add(g, {{"sobakie", 3}, {"kotu", 2}}, "-DAT -LEX:DAT", "+LEX:DAT");
  add(g, {{"dayet", 4}}, "-VERB -LEX:VERB -VERB:NOM -VERB:ACC -VERB:DAT", "+LEX:VERB");
  return g;
}

/// English with object-relative clauses: the head noun of a clause is kept in an area of its own, to which the verb of
/// the clause is tied. "that" and "," are read by the parser itself.
Grammar make_english_with_clauses() {
  Grammar g = make_english();
  g.name = "english_with_clauses";
  g.areas.push_back("DEPCLAUSE");
  g.recurrent.push_back("DEPCLAUSE");
  for (auto& [area, targets] : g.readout)
    if (area == "SUBJ" || area == "OBJ") targets.push_back("DEPCLAUSE");
  g.readout.push_back({"DEPCLAUSE", {}});  // leads to the verb of the clause, with its own readout
  g.dependent_clauses = true;
  return g;
}

}  // namespace

const Word& Grammar::word(const std::string& text) const {
  const auto at = std::find_if(words.begin(), words.end(), [&](const Word& w) { return w.text == text; });
  if (at != words.end()) return *at;
  std::string known;
  for (const Word& w : words) known += (known.empty() ? "" : ", ") + w.text;
  throw Error("the grammar \"" + name + "\" has no word \"" + text + "\"; known are " + known);
}

const Grammar& english() {
  static const Grammar g = make_english();
  return g;
}
const Grammar& russian() {
  static const Grammar g = make_russian();
  return g;
}
const Grammar& english_with_clauses() {
  static const Grammar g = make_english_with_clauses();
  return g;
}

}  // namespace engram::calculus
