// Cases of multiply: shapes below, at and beyond the tiles and vectors of libraries, and rows with room between them.
#include "conformance/cases.hpp"

namespace engram::conformance {

void add_product_cases(std::vector<Case>& all) {
  struct Shape {
    Index n_pre, n_post, replicas, group;
  };
  for (const auto& [n_pre, n_post, replicas, group] :
       {Shape{1, 1, 1, 1}, Shape{7, 5, 1, 3}, Shape{5, 7, 3, 2}, Shape{64, 64, 1, 100}, Shape{67, 67, 2, 21},
        Shape{130, 259, 2, 9}, Shape{300, 33, 1, 515}}) {
    const std::string name = "multiply/n_pre=" + std::to_string(n_pre) + ",n_post=" + std::to_string(n_post) +
                             ",R=" + std::to_string(replicas) + ",group=" + std::to_string(group);
    all.push_back({name, [=, n_pre = n_pre, n_post = n_post, replicas = replicas, group = group]() -> Inputs {
                     Draws draws(name);
                     ProductInputs p{n_pre, n_post, replicas, group, {}, {}};
                     p.weight.resize(std::size_t{replicas} * n_pre * n_post);
                     p.x.resize(std::size_t{replicas} * group * n_pre);
                     for (real& w : p.weight) w = draws.between(-1, 1);
                     for (real& x : p.x) x = draws.between(-1, 1);
                     return p;
                   }});
  }
}

}  // namespace engram::conformance
