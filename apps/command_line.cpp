// What a command line means: the options of every command, and where its words go.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "apps/commands.hpp"
#include "engram/run/config_reader.hpp"
#include "engram/version.hpp"
#include "engram_version.hpp"

namespace engram::apps {

namespace {

/// The nearest option or command to what was not understood, as a sentence, or "".
std::string suggestion(const CLI::App& program, const std::vector<std::string>& arguments) {
  const CLI::App* at = &program;
  for (const std::string& argument : arguments) {
    std::vector<std::string> known;
    if (argument.starts_with("-")) {
      for (const CLI::Option* option : at->get_options())
        for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
      const std::string name = argument.substr(0, argument.find('='));
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      if (const std::string near = nearest(name, known); !near.empty()) return "; did you mean " + near + "?";
    } else if (at == &program) {
      for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; })) {
        known.push_back(command->get_name());
        if (command->get_name() == argument) at = command;
      }
      if (at != &program) continue;
      const std::string near = nearest(argument, known);
      return near.empty() ? "" : "; did you mean " + near + "?";
    }
  }
  return "";
}

constexpr const char* examples = R"(
Examples:
  engram validate e.json                    is it right, and what memory would it take?
  engram run e.json --out out/e             run it into a folder
  engram run e.json --set /seed=7           with another value
  engram resume out/e                       go on where it was stopped
  engram resume out/e --set /protocol/0/steps=2000
                                            make a run longer that is complete
  engram compare out/a out/b                have two runs left the same bytes?
  engram describe sorn                      what can be set of a family

Environment:
  ENGRAM_CROSSOVER   file that says from which size on "auto" takes a GPU (engram bench --crossover)
  XDG_CONFIG_HOME    where that file is looked for otherwise, in engram/crossover.json; default ~/.config
  OMP_NUM_THREADS    at most so many threads where --threads is 0 or not given

Exit codes: 0 done, 1 failed, 2 wrong usage or experiment, 3 a value is not finite, 4 memory, 5 files.
Shell completion: source <(engram completion bash), or zsh; engram completion fish | source.)";

template <class Text>  // std::string, or optional
CLI::Option* add_backend(CLI::App* command, Text& backend) {
  return command->add_option("--backend", backend, "auto, cpu, cuda or cuda:0, cuda:1, ...")->type_name("NAME");
}

}  // namespace

int parse_and_run(int count, char** words) {
  CLI::App program{"engram: networks that learn with local rules", "engram"};
  program.set_version_flag("--version", std::string("engram ") + ENGRAM_VERSION + " (" + ENGRAM_GIT_COMMIT + ")");
  program.require_subcommand(1);
  program.footer(examples);
  int code = 0;

  RunCommandOptions run_options;
  const std::map<std::string, ProgressStyle> styles{{"auto", ProgressStyle::automatic},
                                                    {"bar", ProgressStyle::bar},
                                                    {"lines", ProgressStyle::lines},
                                                    {"none", ProgressStyle::none}};
  const auto add_settings = [&](CLI::App* command, const char* help) {
    command->add_option("--set", run_options.settings, help)
        ->type_name("SETTING")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  const auto add_run_options = [&](CLI::App* command) {
    add_backend(command, run_options.backend);
    auto* threads = command->add_option("--threads", run_options.threads, "of the CPU; 0: all")->type_name("N");
    command->add_flag("--json", run_options.json, "results as one JSON object a line");
    command->add_flag("--quiet", run_options.quiet, "nothing but results and errors");
    command->add_option("--progress", run_options.progress, "auto, bar, lines or none")
        ->transform(CLI::CheckedTransformer(styles))
        ->type_name("STYLE");
    return threads;
  };
  CLI::App* run_command = program.add_subcommand("run", "run an experiment into a run folder");
  run_command->add_option("FILE", run_options.file, "the experiment (JSON); - is standard input")
      ->required()
      ->type_name("");
  add_settings(run_command, "/path=value: replaces a value of the experiment; may be repeated");
  run_command->add_option("--seed", run_options.seed, "replaces /seed")->type_name("S");
  run_command->add_option("--out", run_options.out, "the run folder; default: /output, else out/NAME")
      ->type_name("FOLDER");
  run_command->add_flag("--force", run_options.force, "replace a run that the folder holds");
  add_run_options(run_command);
  run_command->callback([&] { code = run(run_options); });

  CLI::App* resume_command =
      program.add_subcommand("resume", "continue a run that was cut short, or make one longer that is complete");
  resume_command->add_option("FOLDER", run_options.file, "the run folder")->required()->type_name("");
  resume_command->add_flag("--anew", run_options.anew, "begin at tick 0, whatever checkpoints there are");
  add_settings(resume_command, "/path=value, of a complete run: a longer last phase, or a further one");
  add_run_options(resume_command)->check(CLI::Range(0, 4096));
  resume_command->callback([&] { code = resume(run_options); });

  std::string first, second;
  bool json = false;
  CLI::App* compare_command = program.add_subcommand("compare", "have two runs left the same bytes? Where not first?");
  compare_command->add_option("A", first, "a run folder")->required()->type_name("");
  compare_command->add_option("B", second, "another one")->required()->type_name("");
  compare_command->add_flag("--json", json, "as one JSON object");
  compare_command->callback([&] { code = compare(first, second, json); });

  AnalyseOptions analyse_options;
  CLI::App* analyse_command =
      program.add_subcommand("analyse", "what the recorded spikes and weights of a SORN run say");
  analyse_command->add_option("FOLDER", analyse_options.folder, "the run folder")->required()->type_name("");
  analyse_command->add_option("--from", analyse_options.from, "leave out the steps before this one")->type_name("STEP");
  analyse_command->add_option("--windows", analyse_options.windows, "parts of the record that the Fano factor compares")
      ->type_name("N");
  analyse_command->add_option("--lag", analyse_options.lag, "of the autocorrelation, in recorded steps")
      ->type_name("N");
  analyse_command
      ->add_option("--against", analyse_options.against, "another run of the same shape: the Hamming distance to it")
      ->type_name("FOLDER");
  analyse_command->add_flag("--json", analyse_options.json, "one JSON object a network");
  analyse_command->callback([&] { code = analyse(analyse_options); });

  // Their options and --help are those of the Python package.
  for (const auto& [name, help] : {std::pair{"plot", "draw a run folder into FOLDER/plots"},
                                   {"report", "write a run folder as one HTML page, FOLDER/report.html"}}) {
    CLI::App* command = program.add_subcommand(name, help)->prefix_command();
    command->set_help_flag();
    command->callback([&code, command] { code = python(command->get_name(), command->remaining()); });
  }

  std::vector<std::string> files;
  CLI::App* validate_command = program.add_subcommand("validate", "check experiments without running them");
  validate_command->add_option("FILE", files, "experiments (JSON)")->required()->type_name("");
  validate_command->add_flag("--json", json, "one JSON object a file");
  add_settings(validate_command, "/path=value: replaces a value of each experiment; may be repeated");
  validate_command->callback([&] { code = validate(files, run_options.settings, json); });

  DescribeOptions describe_options;
  CLI::App* describe_command = program.add_subcommand("describe", "rules and models, and what can be set");
  describe_command->add_option("NAME", describe_options.name, "one rule or model")->type_name("");
  auto* schema = describe_command->add_flag("--schema", describe_options.schema, "JSON Schema of an experiment");
  describe_command->add_flag("--markdown", describe_options.markdown, "as docs/rules.md")->excludes(schema);
  describe_command->callback([&] { code = describe(describe_options); });

  CLI::App* info_command = program.add_subcommand("info", "what was built and what this machine offers");
  info_command->add_flag("--json", json, "as one JSON object");
  info_command->callback([&] { code = info(json); });

  CheckOptions check_options;
  CLI::App* check_command =
      program.add_subcommand("check", "do all operations give the recorded bits on this machine?");
  add_backend(check_command, check_options.backend);
  check_command->add_option("--threads", check_options.threads, "of the CPU; 0: all")->type_name("N");
  check_command->add_option("--filter", check_options.filter, "cases to run, with * and ?")->type_name("PATTERN");
  check_command->add_option("--trace-out", check_options.trace_out, "write what was computed")->type_name("FILE");
  check_command->add_option("--trace-in", check_options.trace_in, "compare with what another machine wrote")
      ->type_name("FILE");
  check_command->add_option("--steps", check_options.steps, "steps of each model; 0: a few")->type_name("N");
  check_command->add_flag("--list", check_options.list, "names of the cases only");
  check_command->add_flag("--json", check_options.json, "one JSON object a case");
  check_command->callback([&] { code = check(check_options); });
  BenchOptions bench_options;
  CLI::App* bench_command = program.add_subcommand("bench", "how fast are the operations and models here?");
  auto* bench_backend = add_backend(bench_command, bench_options.backend);
  bench_command->add_option("--threads", bench_options.threads, "of the CPU; 0: all; default 1, with --crossover 0")
      ->type_name("N");
  bench_command->add_option("--filter", bench_options.filter, "cases to run, with --crossover families, with * and ?")
      ->type_name("PATTERN");
  auto* replicas =
      bench_command->add_option("--replicas", bench_options.replicas, "networks side by side; 0: as the case has it")
          ->type_name("N");
  bench_command->add_option("--min-time", bench_options.min_time, "seconds a case")->type_name("S");
  auto* list = bench_command->add_flag("--list", bench_options.list, "names of the cases only");
  auto* crossover = bench_command->add_flag("--crossover", bench_options.crossover,
                                            "from which size of a family on the GPU wins, for auto to choose by");
  crossover->excludes(bench_backend)->excludes(replicas)->excludes(list);
  bench_command->add_option("--out", bench_options.out, "file of the crossover; default: where auto looks for it")
      ->type_name("FILE")
      ->needs(crossover);
  bench_command->add_flag("--json", bench_options.json, "one JSON object a case");
  bench_command->callback([&] { code = bench(bench_options); });

  std::string shell;
  CLI::App* completion_command = program.add_subcommand("completion", "the script that completes command lines");
  completion_command->add_option("SHELL", shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("");
  completion_command->callback([&] { code = completion(program, shell); });

  try {
    program.parse(count, words);
  } catch (const CLI::Success& asked) {  // --help, --version
    return program.exit(asked, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    std::cerr << "engram: " << error.what() << suggestion(program, {words + 1, words + count}) << "\n";
    return 2;
  }
  return code;
}

}  // namespace engram::apps
