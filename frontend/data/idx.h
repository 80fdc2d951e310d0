// The idx format of MNIST's files: a magic number, one big-endian size per dimension, bytes. Internal; files are hostile.
#pragma once
#include <tenon/tensor/tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tenon::data {

struct IdxFile {
  std::string path;
  std::vector<int64_t> sizes;
  std::vector<uint8_t> bytes;
};

/// Reads `path`, or `path`.gz, whose magic must be `magic` (its last byte is the rank) and whose sizes after the first must be `inner`.
/// Throws Error naming the file, what was expected and what came.
IdxFile read_idx(const std::string &path, uint32_t magic, const std::vector<int64_t> &inner, Location loc);

} // namespace tenon::data
