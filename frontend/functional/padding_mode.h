// What stands outside of a tensor that is padded.
#pragma once

namespace tenon {

enum class PaddingMode { Constant, Reflect, Replicate, Circular };
inline constexpr PaddingMode kConstant = PaddingMode::Constant, kZeros = PaddingMode::Constant, kReflect = PaddingMode::Reflect,
                              kReplicate = PaddingMode::Replicate, kCircular = PaddingMode::Circular;

} // namespace tenon
