// Functions and kinds of noise that networks and operations call by name.
#pragma once

namespace engram::nef {

enum class Function { square, sine, cosine, absolute, product, sum, norm };
enum class Noise { normal, uniform };

}  // namespace engram::nef
