// Sums of products on a GPU (shaders/product_sums.metal), and normal variables (shaders/normal_draws.metal): what simulations and
// covariances are made of.
#pragma once
#include "../../shaders/constants.h"
#include "gpu.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr Shader product_sums =
    shader_row<Reads<Pair>, Reads<Pair>, Reads<Pair>, Writes<Pair>, Reads<product_sums_constants>>("product_sums", 128);
inline constexpr Shader normal_draws = shader_row<Writes<Pair>, Reads<normal_draws_constants>>("normal_draws", 128);

}  // namespace tickforge::TICKFORGE_ISA
