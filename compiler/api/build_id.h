// The identity of this build of the compiler.
#pragma once
#include <string>

namespace tenon::compiler {
/// Hexadecimal digits; empty where the linker wrote none.
const std::string &buildId();
} // namespace tenon::compiler
