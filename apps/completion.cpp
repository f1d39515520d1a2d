// Completion of command lines, from the commands and options that the program itself knows.
#include <CLI/CLI.hpp>
#include <iostream>

#include "apps/commands.hpp"

namespace engram::apps {

namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& program) {
  return program.get_subcommands([](const CLI::App*) { return true; });
}

std::string options_of(const CLI::App& command) {
  std::string all;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) all += (all.empty() ? "--" : " --") + name;
  return all;
}

std::string bash_script(const CLI::App& program) {
  std::string names, cases;
  for (const CLI::App* command : commands_of(program)) {
    names += (names.empty() ? "" : " ") + command->get_name();
    cases += "    " + command->get_name() + ") words=\"" + options_of(*command) + "\" ;;\n";
  }
  return "_engram() {\n  local word=\"${COMP_WORDS[COMP_CWORD]}\" words=\"" + names +
         "\"\n  if ((COMP_CWORD > 1)); then\n    case \"${COMP_WORDS[1]}\" in\n" + cases +
         "    esac\n    [[ $word == -* ]] || words=\"\"\n  fi\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
         "complete -o default -F _engram engram\n";
}

std::string fish_script(const CLI::App& program) {
  std::string script;
  for (const CLI::App* command : commands_of(program)) {
    script += "complete -c engram -n __fish_use_subcommand -a " + command->get_name() + " -d '" +
              command->get_description() + "'\n";
    for (const CLI::Option* option : command->get_options())
      for (const std::string& name : option->get_lnames())
        script += "complete -c engram -n '__fish_seen_subcommand_from " + command->get_name() + "' -l " + name + "\n";
  }
  return script;
}

}  // namespace

int completion(const CLI::App& program, const std::string& shell) {
  if (shell == "fish")
    std::cout << fish_script(program);
  else
    std::cout << (shell == "zsh" ? "autoload -Uz bashcompinit && bashcompinit\n" : "") << bash_script(program);
  return 0;
}

}  // namespace engram::apps
