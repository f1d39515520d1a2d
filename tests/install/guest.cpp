#include <engram/engram.hpp>
#include <iostream>

int main() {
  const auto backend = engram::make_backend("cpu", {.threads = 2});
  engram::assembly::Assembly brain(
      *backend, {.stimuli = {{"s", 100}}, .stages = {{{.name = "A", .inputs = {"s"}, .n = 200}}}}, {1});
  brain.step({{"s", {1, 2, 3}}});
  std::cout << ENGRAM_VERSION << ": " << brain.winners("A").size() << " winners\n";
}
