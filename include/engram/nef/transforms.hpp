// Transforms: the linear maps that a connection may apply to its signal.
#pragma once

#include <optional>
#include <tuple>
#include <variant>
#include <vector>

#include "engram/core/array.hpp"
#include "engram/nef/distributions.hpp"

namespace engram::nef {

struct NoTransform {
  static constexpr const char* name = "none";
  static constexpr const char* help = "the signal as it is";
  static constexpr auto fields = std::tuple{};
};
struct ScalarTransform {
  static constexpr const char* name = "scalar";
  static constexpr const char* help = "times a number";
  double factor = 1;
  static constexpr auto fields = std::tuple{Field{"factor", &ScalarTransform::factor, "the number", -1e30, 1e30}};
};
struct DiagonalTransform {
  static constexpr const char* name = "diagonal";
  static constexpr const char* help = "each number times its own";
  std::vector<double> factors;
  static constexpr auto fields = std::tuple{required(Field{"factors", &DiagonalTransform::factors, "the numbers"})};
};
struct DenseTransform {
  static constexpr const char* name = "dense";
  static constexpr const char* help = "a matrix: of these rows, or the same in all places, or drawn";
  Rows rows;
  std::optional<double> everywhere;
  std::optional<Distribution> drawn;
  static constexpr auto fields =
      std::tuple{Field{"rows", &DenseTransform::rows, "a row a target"},
                 Field{"everywhere", &DenseTransform::everywhere, "the same number in all places", -1e30, 1e30},
                 Field{"drawn", &DenseTransform::drawn, "each row one of this distribution"}};
};
struct SparseTransform {
  static constexpr const char* name = "sparse";
  static constexpr const char* help = "a matrix that is mostly 0";
  Index size_out = 1;
  std::vector<Index> rows, cols;
  std::vector<double> values;
  static constexpr auto fields = std::tuple{required(Field{"size_out", &SparseTransform::size_out, "targets", 1, 1e9}),
                                            required(Field{"rows", &SparseTransform::rows, "target of each value"}),
                                            required(Field{"cols", &SparseTransform::cols, "source of each value"}),
                                            required(Field{"values", &SparseTransform::values, "the values"})};
  void check_together(const Report& problem) const;
};
/// The input has the shape [positions...][channels], or [channels][positions...]; the kernel is
/// [kernel positions...][channels of a group][filters].
struct Convolution {
  static constexpr const char* name = "convolution";
  static constexpr const char* help = "filters moved over a line or a plane";
  std::vector<Index> input_shape{1, 1}, kernel_size{3}, strides{1};
  Index filters = 1, groups = 1;
  std::vector<double> kernel;
  bool same = false, channels_last = true, transposed = false;
  static constexpr auto fields = std::tuple{
      required(Field{"input_shape", &Convolution::input_shape, "positions of each direction, and channels", 1, 1e9}),
      Field{"kernel_size", &Convolution::kernel_size, "positions of a filter in each direction", 1, 1e6},
      Field{"strides", &Convolution::strides, "positions between two places of a filter", 1, 1e6},
      Field{"filters", &Convolution::filters, "channels of the output", 1, 1e6},
      Field{"groups", &Convolution::groups, "parts of the channels that filters see alone", 1, 1e6},
      required(Field{"kernel", &Convolution::kernel, "positions, channels of a group, filters; the last fastest"}),
      Field{"same", &Convolution::same, "the input counts as surrounded by zeros, so that the output is as large"},
      Field{"channels_last", &Convolution::channels_last, "channels of a position lie side by side"},
      Field{"transposed", &Convolution::transposed, "the transposed operation, from output to input"},
  };
};

using TransformType =
    std::variant<NoTransform, ScalarTransform, DiagonalTransform, DenseTransform, SparseTransform, Convolution>;
struct Transform {
  TransformType type = NoTransform{};
  static constexpr auto fields = std::tuple{Field{"kind", &Transform::type, "what is done to the signal"}};
};

}  // namespace engram::nef
