// A module as it prints itself.
#pragma once
#include <tenon/tenon.h>

#include <sstream>

inline std::string printed(const tenon::nn::Module &module) {
  std::ostringstream out;
  out << module;
  return out.str();
}
