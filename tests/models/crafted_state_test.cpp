// Checkpoints whose checksums are right and whose content is not: an error says so, and nothing is read beyond its end.
#include <cstring>

#include "engine/io/file.hpp"
#include "tests/models/crafted_states.hpp"
#include "tests/models/sorn/task.hpp"
#include "tests/testing/scratch.hpp"

namespace engram::test {
namespace {

using crafted::Edit;
using crafted::Metadata;

/// What is said of a task's state that was saved after `cut` ticks and edited; empty where it is accepted.
std::string said_of(const crafted::Make& make, Tick cut, const Edit& edit) {
  crafted::Saved saved(make, cut);
  edit(saved.tensors, saved.metadata);
  return crafted::said_of(make, cut, saved.tensors, saved.metadata);
}

/// Replaces a value in one of the states that are JSON.
Edit with(const std::string& state, const char* pointer, const Json& value) {
  return [=](std::vector<io::Tensor>&, Metadata& metadata) {
    Json j = Json::parse(metadata.at("state " + state));
    j[Json::json_pointer(pointer)] = value;
    metadata["state " + state] = j.dump();
  };
}

/// Sets one number of a tensor.
Edit with_number(const std::string& tensor, std::size_t at, std::uint64_t value) {
  return [=](std::vector<io::Tensor>& tensors, Metadata&) {
    for (io::Tensor& t : tensors)
      if (t.name == tensor) {
        const std::size_t size = t.type.ends_with("64") ? 8 : 4;
        ASSERT_LE((at + 1) * size, t.bytes.size());
        std::memcpy(t.bytes.data() + at * size, &value, size);
      }
  };
}

/// Takes the assembly, whose five neurons come first, out of a state of the calculus.
void without_assembly(std::vector<io::Tensor>& tensors, Metadata& metadata) {
  Json all = Json::parse(metadata.at("state replica 0"));
  all["state"]["assemblies"] = Json::object();
  all["words"] = all["words"].get<std::size_t>() - 5;
  const std::function<void(Json&)> move_up = [&](Json& value) {
    if (value.is_object() && value.contains("words at"))
      value["words at"][0] = value["words at"][0].get<std::size_t>() - 5;
    else if (value.is_structured())
      for (auto& item : value) move_up(item);
  };
  move_up(all);
  metadata["state replica 0"] = all.dump();
  for (io::Tensor& tensor : tensors)
    if (tensor.name == "replica 0/data") {
      tensor.bytes.erase(0, 5 * sizeof(Index));
      tensor.shape[0] -= 5;
    }
}

const Edit nothing = [](std::vector<io::Tensor>&, Metadata&) {};

/// Expects that an edited state is refused in these words.
class Refused {
 public:
  Refused(crafted::Make make, Tick cut) : make_(std::move(make)), cut_(cut) {
    EXPECT_EQ(said_of(make_, cut_, nothing), "");
  }
  void operator()(const std::string& text, const Edit& edit) const {
    const std::string said = said_of(make_, cut_, edit);
    EXPECT_NE(said.find(text), std::string::npos) << text << ": " << said;
  }

 private:
  crafted::Make make_;
  Tick cut_;
};

TEST(CraftedState, OfSornIsRefused) {
  const auto backend = make_backend("cpu", {.threads = 1});
  const Refused refused([&] { return make_sorn_task(counting_experiment(), *backend); },
                        160);  // with a twin beside each network
  refused("is in phase", with("task", "/phase", 4));
  refused("is in phase", with("task", "/phase", 1u << 30));
  refused("state task/seen/0: a list of 0", with("task", "/seen/0", Json::array()));
  refused("more than there are pairs", with("network", "/synapses/0/1", 4000));
  refused("more than there are pairs", with("network", "/synapses/2/0", std::uint64_t{1} << 63));
  refused("type or shape", with("network", "/synapses/1/1", 0));
  refused("is not finite", with_number("te", 3, 0x7FC00000u | std::uint64_t{0x7FF80000} << 32));
  for (const char* name : {"wee", "wei", "wie", "twin wie"}) {
    refused("row starts", with_number(std::string(name) + "/start", 1, 1u << 30));
    refused("not ascending", with_number(std::string(name) + "/pre", 0, 1u << 30));
  }
}

TEST(CraftedState, OfAttractorNetworksIsRefused) {
  const auto backend = make_backend("cpu", {.threads = 1});
  const Refused refused([&] { return crafted::make_task(crafted::attractor(), *backend, 1); }, 100);
  for (const char* values : {"/match", "/changes", "/forward", "/sum", "/before", "/fixed points"})
    refused(std::string("state protocol") + values + ": a list of 1, expected",
            with("protocol", values, Json::array({1})));
  refused("state protocol/match/1", with("protocol", "/match/1", 2));
}

TEST(CraftedState, OfLeabraNetworksIsRefused) {
  const auto backend = make_backend("cpu", {.threads = 1});
  const Refused refused([&] { return crafted::make_task(crafted::leabra(), *backend, 2); }, 5);
  refused("state network/layers: a list of 1, expected 2", with("network", "/layers", Json::array({Json::object()})));
  refused("state network/rates: a list of 1, expected 2", with("network", "/rates", Json::array({1})));
  refused("state network/on: a list of 0, expected 2", with("network", "/on", Json::array()));
  refused("state network/layers/0/relative", with("network", "/layers/0/relative", -1));
  refused("state protocol/progress: a list of 0, expected 2", with("protocol", "/progress", Json::array()));
  refused("state protocol/progress/1/factor", with("protocol", "/progress/1/factor", 2));
  refused("state protocol/last/0: a list of 1, expected 5", with("protocol", "/last/0", Json::array({1})));
  refused("is not finite", with_number("units", 3, 0x7FC00000u | std::uint64_t{0x7FF80000} << 32));
  refused("is not finite", with_number("linear weights up", 3, 0x7FC00000u | std::uint64_t{0x7FF80000} << 32));
  refused("state network/trained: a list of 0, expected 2", with("network", "/trained", Json::array()));
  refused("reports a loss before its epoch", with("network", "/trained/1/reported", 1000));
  refused("state network/plateaus/up/0/factor", with("network", "/plateaus/up/0/factor", 2));
}

TEST(CraftedState, OfLeabraRowsIsRefused) {
  const auto backend = make_backend("cpu", {.threads = 1});
  Json document = crafted::leabra();
  document["model"]["projections"]["up"]["storage"] = "sparse";
  const Refused refused([&] { return crafted::make_task(document, *backend, 2); }, 5);
  refused("do not fit the starts of its rows", with_number("starts up", 1, 1u << 30));
  refused("do not fit the starts of its rows", with_number("starts up", 0, 1));
  refused("is not ascending or beyond", with_number("senders up", 0, 1u << 30));
  refused("is not finite", with_number("linear weights up", 3, 0x7FC00000u | std::uint64_t{0x7FF80000} << 32));
}

TEST(CraftedState, OfNefNetworksIsRefused) {
  const auto backend = make_backend("cpu", {.threads = 1});
  const Refused refused([&] { return crafted::make_task(crafted::nef(), *backend, 2); }, 25);
  for (const char* array : {"a.voltage", "b.adaptation", "out.weights", "a.scaled_encoders", "out.rule0.inv_gamma"})
    refused("is not finite", with_number(array, 3, 0x7FC00000u | std::uint64_t{0x7FF80000} << 32));
  refused("state run/origin", with("run", "/origin", std::uint64_t{1} << 63));
  refused("state run/origin", with("run", "/origin", -1));
  const auto reshaped = [](const std::string& name) {
    return [=](std::vector<io::Tensor>& tensors, Metadata&) {
      for (io::Tensor& t : tensors)
        if (t.name == name) std::swap(t.shape[1], t.shape[2]);
    };
  };
  refused("\"full.weights\" has another type or shape", reshaped("full.weights"));
  refused("measures/squares", [](std::vector<io::Tensor>& tensors, Metadata&) {
    std::erase_if(tensors, [](const io::Tensor& t) { return t.name == "measures/squares"; });
  });
}

TEST(CraftedState, OfLearnedMemoriesIsRefused) {
  const auto backend = make_backend("cpu", {.threads = 1});
  const Refused refused([&] { return crafted::make_task(crafted::nef_memory(), *backend, 2); }, 45);
  refused("state recalled: a list of 1, expected 2", with("recalled", "", Json::array({Json::object()})));
  refused("state recalled/1/sum: a list of 1, expected 8", with("recalled", "/1/sum", Json::array({1})));
  refused("state recalled/0/asked", with("recalled", "/0/asked", -1));
  refused("state run/origin", with("run", "/origin", std::uint64_t{1} << 63));
  refused("memory1/memory.voltage", [](std::vector<io::Tensor>& tensors, Metadata&) {
    std::erase_if(tensors, [](const io::Tensor& t) { return t.name == "memory1/memory.voltage"; });
  });
  refused("is not finite", with_number("memory0/out.weights", 3, 0x7FC00000u | std::uint64_t{0x7FF80000} << 32));
}

TEST(CraftedState, OfAssembliesIsRefused) {
  const auto backend = make_backend("cpu", {.threads = 1});
  const Refused refused([&] { return crafted::make_task(crafted::assembly(), *backend, 2); }, 7);
  refused("state simulator/state/seen/0: a list of 1, expected 2",
          with("simulator", "/state/seen/0", Json::array({Json::array()})));
  refused("state simulator/state/seen/0/1: a list of 0, expected 40",
          with("simulator", "/state/seen/0/1", Json::array()));
  refused("state simulator/state/learned: a list of 1, expected 2",
          with("simulator", "/state/learned", Json::array({Json::array()})));
  refused("among 40 units", with("simulator", "/state/learned/0/0/1", {4, 40}));
  refused("ascending", with("simulator", "/state/previous/0/0", {4, 4}));
  refused("at most 6", with("simulator", "/state/previous/0/0", {0, 1, 2, 3, 4, 5, 6}));
  refused("state simulator/state/sample", with("simulator", "/state/sample", 4));
  refused("state simulator/state/epoch", with("simulator", "/state/epoch", 1u << 31));
  refused("no stimulus", with("simulator", "/phase/0", "y"));
  refused("nested", with("simulator", "/results", std::string(100000, '[')));
}

TEST(CraftedState, OfTheCalculusIsRefused) {
  const auto backend = make_backend("cpu", {.threads = 1});
  for (const char* connectome : {"procedural", "explicit", "lazy"}) {
    const Refused refused([&] { return crafted::make_task(crafted::calculus(connectome), *backend, 1); }, 9);
    const auto in = [](const std::string& pointer, const Json& value) {
      return with("replica 0", pointer.c_str(), value);
    };
    refused("replica 0/words", in("/words", 4294967295u));  // and 16 GiB are not asked for
    refused("replica 0/brain/areas/A/", in("/state/brain/areas/A/existing", 4));
    refused("cut off", in("/state/brain/areas/A/winners", {{"words at", {0, 3}}}));
    refused("state replica 0/brain/density/0/2", in("/state/brain/density", {{"s", "A", 5}}));
    refused("no fibre", in("/state/brain/fibres/0/from", "nobody"));
    refused("replica 0/results/0/1", in("/state/results/0/1", Json::array()));
    refused("remembers no assembly", in("/state/assemblies", {{"other", {{"words at", {0, 5}}}}}));
    refused("lacks the assembly", without_assembly);
  }
}

class Mutated : public testing::TestWithParam<crafted::Example> {};

TEST_P(Mutated, StatesEndInAnErrorOrARun) {
  const auto backend = make_backend("cpu", {.threads = 1});
  const crafted::Example& example = GetParam();
  const crafted::Make make = [&] { return crafted::make_task(example.document, *backend, 2); };
  const crafted::Saved saved(make, example.cut);
  const std::vector<Edit> edits = crafted::mutations(saved);
  constexpr std::size_t most = 500;  // of some thousands, evenly
  std::size_t refused = 0, tried = 0;
  for (std::size_t i = 0; i < edits.size(); i += std::max<std::size_t>(1, edits.size() / most), ++tried) {
    crafted::Saved edited = saved;
    edits[i](edited.tensors, edited.metadata);
    refused += !crafted::said_of(make, example.cut, edited.tensors, edited.metadata).empty();
  }
  EXPECT_GT(tried, 15u);
  EXPECT_GT(refused, tried / 3) << "of " << tried;
}

INSTANTIATE_TEST_SUITE_P(Families, Mutated, testing::ValuesIn(crafted::examples()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace engram::test
