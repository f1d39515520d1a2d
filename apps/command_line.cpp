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

struct CommandLine::Program {
  /// What the options of all commands said last.
  struct Given {
    RunCommandOptions run;
    AnalyseOptions analyse;
    DescribeOptions describe;
    CheckOptions check;
    BenchOptions bench;
    std::vector<std::string> files;
    std::string first, second, shell;
    bool json = false;
  };

  CLI::App app{"engram: networks that learn with local rules", "engram"};
  Given given;
  int code = 0;

  Program() {
    app.set_version_flag("--version", std::string("engram ") + ENGRAM_VERSION + " (" + ENGRAM_GIT_COMMIT + ")");
    app.require_subcommand(1);
    app.footer(examples);
    add_run();
    add_resume();
    add_compare();
    add_analyse();
    add_python();
    add_validate();
    add_describe();
    add_info();
    add_check();
    add_bench();
    add_completion();
  }

  void add_settings(CLI::App* command, const char* help) {
    command->add_option("--set", given.run.settings, help)
        ->type_name("SETTING")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }

  CLI::Option* add_run_options(CLI::App* command) {
    const std::map<std::string, ProgressStyle> styles{{"auto", ProgressStyle::automatic},
                                                      {"bar", ProgressStyle::bar},
                                                      {"lines", ProgressStyle::lines},
                                                      {"none", ProgressStyle::none}};
    add_backend(command, given.run.backend);
    auto* threads = command->add_option("--threads", given.run.threads, "of the CPU; 0: all")->type_name("N");
    command->add_flag("--json", given.run.json, "results as one JSON object a line");
    command->add_flag("--quiet", given.run.quiet, "nothing but results and errors");
    command->add_option("--progress", given.run.progress, "auto, bar, lines or none")
        ->transform(CLI::CheckedTransformer(styles))
        ->type_name("STYLE");
    return threads;
  }

  void add_run() {
    CLI::App* command = app.add_subcommand("run", "run an experiment into a run folder");
    command->add_option("FILE", given.run.file, "the experiment (JSON); - is standard input")
        ->required()
        ->type_name("");
    add_settings(command, "/path=value: replaces a value of the experiment; may be repeated");
    command->add_option("--seed", given.run.seed, "replaces /seed")->type_name("S");
    command->add_option("--out", given.run.out, "the run folder; default: /output, else out/NAME")->type_name("FOLDER");
    command->add_flag("--force", given.run.force, "replace a run that the folder holds");
    add_run_options(command);
    command->callback([this] { code = run(given.run); });
  }

  void add_resume() {
    CLI::App* command =
        app.add_subcommand("resume", "continue a run that was cut short, or make one longer that is complete");
    command->add_option("FOLDER", given.run.file, "the run folder")->required()->type_name("");
    command->add_flag("--anew", given.run.anew, "begin at tick 0, whatever checkpoints there are");
    add_settings(command, "/path=value, of a complete run: a longer last phase, or a further one");
    add_run_options(command)->check(CLI::Range(0, 4096));
    command->callback([this] { code = resume(given.run); });
  }

  void add_compare() {
    CLI::App* command = app.add_subcommand("compare", "have two runs left the same bytes? Where not first?");
    command->add_option("A", given.first, "a run folder")->required()->type_name("");
    command->add_option("B", given.second, "another one")->required()->type_name("");
    command->add_flag("--json", given.json, "as one JSON object");
    command->callback([this] { code = compare(given.first, given.second, given.json); });
  }

  void add_analyse() {
    CLI::App* command = app.add_subcommand("analyse", "what the recorded spikes and weights of a SORN run say");
    command->add_option("FOLDER", given.analyse.folder, "the run folder")->required()->type_name("");
    const auto whole = CLI::Range(0.0, 1e15).description("");
    command->add_option("--from", given.analyse.from, "leave out the steps before this one")
        ->check(whole)
        ->type_name("STEP");
    command->add_option("--windows", given.analyse.windows, "parts of the record that the Fano factor compares")
        ->check(whole)
        ->type_name("N");
    command->add_option("--lag", given.analyse.lag, "of the autocorrelation, in recorded steps")
        ->check(whole)
        ->type_name("N");
    command->add_option("--against", given.analyse.against, "another run of the same shape: the Hamming distance to it")
        ->type_name("FOLDER");
    command->add_flag("--json", given.analyse.json, "one JSON object a network");
    command->callback([this] { code = analyse(given.analyse); });
  }

  /// Their options and --help are those of the Python package.
  void add_python() {
    for (const auto& [name, help] : {std::pair{"plot", "draw a run folder into FOLDER/plots"},
                                     {"report", "write a run folder as one HTML page, FOLDER/report.html"}}) {
      CLI::App* command = app.add_subcommand(name, help)->prefix_command();
      command->set_help_flag();
      command->callback([this, command] { code = python(command->get_name(), command->remaining()); });
    }
  }

  void add_validate() {
    CLI::App* command = app.add_subcommand("validate", "check experiments without running them");
    command->add_option("FILE", given.files, "experiments (JSON)")->required()->type_name("");
    command->add_flag("--json", given.json, "one JSON object a file");
    add_settings(command, "/path=value: replaces a value of each experiment; may be repeated");
    command->callback([this] { code = validate(given.files, given.run.settings, given.json); });
  }

  void add_describe() {
    CLI::App* command = app.add_subcommand("describe", "rules and models, and what can be set");
    command->add_option("NAME", given.describe.name, "one rule or model")->type_name("");
    auto* schema = command->add_flag("--schema", given.describe.schema, "JSON Schema of an experiment");
    command->add_flag("--markdown", given.describe.markdown, "as docs/rules.md")->excludes(schema);
    command->callback([this] { code = describe(given.describe); });
  }

  void add_info() {
    CLI::App* command = app.add_subcommand("info", "what was built and what this machine offers");
    command->add_flag("--json", given.json, "as one JSON object");
    command->callback([this] { code = info(given.json); });
  }

  void add_check() {
    CLI::App* command = app.add_subcommand("check", "do all operations give the recorded bits on this machine?");
    add_backend(command, given.check.backend);
    command->add_option("--threads", given.check.threads, "of the CPU; 0: all")->type_name("N");
    command->add_option("--filter", given.check.filter, "cases to run, with * and ?")->type_name("PATTERN");
    command->add_option("--trace-out", given.check.trace_out, "write what was computed")->type_name("FILE");
    command->add_option("--trace-in", given.check.trace_in, "compare with what another machine wrote")
        ->type_name("FILE");
    command->add_option("--steps", given.check.steps, "steps of each model; 0: a few")->type_name("N");
    command->add_flag("--list", given.check.list, "names of the cases only");
    command->add_flag("--json", given.check.json, "one JSON object a case");
    command->callback([this] { code = check(given.check); });
  }

  void add_bench() {
    CLI::App* command = app.add_subcommand("bench", "how fast are the operations and models here?");
    auto* bench_backend = add_backend(command, given.bench.backend);
    command->add_option("--threads", given.bench.threads, "of the CPU; 0: all; default 1, with --crossover 0")
        ->type_name("N");
    command->add_option("--filter", given.bench.filter, "cases to run, with --crossover families, with * and ?")
        ->type_name("PATTERN");
    auto* replicas =
        command->add_option("--replicas", given.bench.replicas, "networks side by side; 0: as the case has it")
            ->type_name("N");
    command->add_option("--min-time", given.bench.min_time, "seconds a case")->type_name("S");
    auto* list = command->add_flag("--list", given.bench.list, "names of the cases only");
    auto* crossover = command->add_flag("--crossover", given.bench.crossover,
                                        "from which size of a family on the GPU wins, for auto to choose by");
    crossover->excludes(bench_backend)->excludes(replicas)->excludes(list);
    command->add_option("--out", given.bench.out, "file of the crossover; default: where auto looks for it")
        ->type_name("FILE")
        ->needs(crossover);
    command->add_flag("--json", given.bench.json, "one JSON object a case");
    command->callback([this] { code = bench(given.bench); });
  }

  void add_completion() {
    CLI::App* command = app.add_subcommand("completion", "the script that completes command lines");
    command->add_option("SHELL", given.shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}))
        ->type_name("");
    command->callback([this] { code = completion(app, given.shell); });
  }
};

CommandLine::CommandLine() : program_(std::make_unique<Program>()) {}
CommandLine::~CommandLine() = default;

int CommandLine::execute(int count, char** words) {
  program_->given = {};
  program_->code = 0;
  try {
    program_->app.parse(count, words);
  } catch (const CLI::Success& asked) {  // --help, --version
    return program_->app.exit(asked, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    std::cerr << "engram: " << error.what() << suggestion(program_->app, {words + 1, words + count}) << "\n";
    return 2;
  }
  return program_->code;
}

}  // namespace engram::apps
