// What reads the fields of most parameters, whatever struct they belong to.
#include "engram/run/read_fields.hpp"

namespace engram::fields {

std::string read_name(const ConfigReader& object, const FieldFacts& field, const std::vector<std::string>& names,
                      std::size_t now) {
  const std::size_t before = object.problems();
  std::string chosen =
      field.required ? object.choice(field.name, names) : object.choice_or(field.name, names[now], names);
  if (object.problems() == before) return chosen;
  object.json();
  return "";
}

#define ENGRAM_READ_MEMBER(T) template void read_member(const ConfigReader&, const FieldFacts&, T&);
ENGRAM_COMMON_FIELDS(ENGRAM_READ_MEMBER)

}  // namespace engram::fields
