#include "engine/models/nef/build/convolution.hpp"

namespace engram::nef {

ConvolutionTaps taps_of(const Convolution& c) {
  const std::size_t directions = c.input_shape.size() - 1;
  if (c.input_shape.size() < 2 || directions > 2)
    throw Error("a convolution takes one or two directions and the channels; found " +
                std::to_string(c.input_shape.size()) + " numbers in input_shape");
  const auto along = [&](const std::vector<Index>& list, std::size_t d) {
    return d >= directions ? Index(1) : list.size() == 1 ? list[0] : list.at(d);
  };
  for (const auto* list : {&c.kernel_size, &c.strides})
    if (list->size() != 1 && list->size() != directions)
      throw Error("kernel_size and strides need a number for each direction, or one for all");
  const Index channels = c.channels_last ? c.input_shape.back() : c.input_shape.front();
  Index in[2] = {1, 1}, out[2] = {1, 1}, kernel[2] = {1, 1}, stride[2] = {1, 1}, before[2] = {0, 0};
  for (std::size_t d = 0; d < directions; ++d) {
    in[d] = c.input_shape[c.channels_last ? d : d + 1];
    kernel[d] = along(c.kernel_size, d);
    stride[d] = along(c.strides, d);
    // Without padding, places where the whole kernel lies on the longer side.
    const auto longer = [&](Index shorter) {
      return c.same ? shorter * stride[d] : (shorter - 1) * stride[d] + kernel[d];
    };
    if (!c.transposed && !c.same && kernel[d] > in[d])
      throw Error("a kernel of " + std::to_string(kernel[d]) + " positions is longer than the input of " +
                  std::to_string(in[d]));
    out[d] = c.transposed ? longer(in[d])
             : c.same     ? ceil_div(in[d], stride[d])
                          : ceil_div(in[d] - kernel[d] + 1, stride[d]);
    if (!c.same) continue;
    const Index large = c.transposed ? out[d] : in[d], small = c.transposed ? in[d] : out[d];
    const Index span = (small - 1) * stride[d] + kernel[d];
    before[d] = span > large ? (span - large) / 2 : 0;
  }
  if (channels % c.groups || c.filters % c.groups) throw Error("groups must divide the channels and the filters");
  const Index channels_of_group = channels / c.groups, filters_of_group = c.filters / c.groups;
  const std::size_t weights = std::size_t{kernel[0]} * kernel[1] * channels_of_group * c.filters;
  if (c.kernel.size() != weights)
    throw Error("found " + std::to_string(c.kernel.size()) + " numbers in the kernel, needed are " +
                std::to_string(weights));

  const auto place = [&](const Index(&size)[2], Index of, Index y, Index x, Index channel) {
    const std::size_t position = std::size_t{y} * size[1] + x;
    return static_cast<std::int64_t>(c.channels_last ? position * of + channel
                                                     : std::size_t{channel} * size[0] * size[1] + position);
  };
  ConvolutionTaps taps;
  taps.inputs = std::size_t{in[0]} * in[1] * channels;
  taps.outputs = std::size_t{out[0]} * out[1] * c.filters;
  std::vector<std::vector<std::pair<std::int64_t, std::int64_t>>> products(taps.outputs);  // source, weight
  const Index(&large)[2] = c.transposed ? out : in;
  const Index(&small)[2] = c.transposed ? in : out;
  for (Index sy = 0; sy < small[0]; ++sy)
    for (Index sx = 0; sx < small[1]; ++sx)
      for (Index ky = 0; ky < kernel[0]; ++ky)
        for (Index kx = 0; kx < kernel[1]; ++kx) {
          const std::int64_t ly = std::int64_t{sy} * stride[0] + ky - before[0],
                             lx = std::int64_t{sx} * stride[1] + kx - before[1];
          if (ly < 0 || lx < 0 || ly >= large[0] || lx >= large[1]) continue;
          for (Index f = 0; f < c.filters; ++f)
            for (Index k = 0; k < channels_of_group; ++k) {
              const Index channel = f / filters_of_group * channels_of_group + k;
              const std::int64_t weight = ((std::int64_t{ky} * kernel[1] + kx) * channels_of_group + k) * c.filters + f;
              const auto y = static_cast<Index>(ly), x = static_cast<Index>(lx);
              const std::int64_t source =
                  c.transposed ? place(in, channels, sy, sx, channel) : place(in, channels, y, x, channel);
              const std::int64_t target =
                  c.transposed ? place(out, c.filters, y, x, f) : place(out, c.filters, sy, sx, f);
              products[static_cast<std::size_t>(target)].emplace_back(source, weight);
            }
        }
  taps.sources.start.push_back(0);
  for (const auto& one : products) {
    for (const auto& [source, weight] : one) {
      taps.sources.source.push_back(source);
      taps.sources.at.push_back(weight);
    }
    taps.sources.start.push_back(static_cast<std::int64_t>(taps.sources.source.size()));
  }
  return taps;
}

}  // namespace engram::nef
