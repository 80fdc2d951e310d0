// Reads idx files through zlib, which passes plain files on unchanged.
#include <tenon/data/idx.h>
#include <tenon/tensor/tensor.h>

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

namespace tenon::data {
namespace {

constexpr size_t kChunk = 1 << 20; // memory grows with what the file holds, not with what its header announces

/// At most `wanted` further bytes; fewer at the end of the file. Throws when the compressed stream is damaged.
std::vector<uint8_t> read_bytes(gzFile file, uint64_t wanted, const std::string &path, Location loc) {
  std::vector<uint8_t> bytes;
  while (bytes.size() < wanted) {
    size_t old = bytes.size(), step = static_cast<size_t>(std::min<uint64_t>(wanted - old, kChunk));
    bytes.resize(old + step);
    int got = gzread(file, bytes.data() + old, static_cast<unsigned>(step));
    bytes.resize(old + static_cast<size_t>(std::max(got, 0)));
    int code = Z_OK;
    const char *text = gzerror(file, &code);
    if (code == Z_BUF_ERROR) // the stream ends before its trailer
      throw Error("MNIST: " + path + " is truncated: the compressed data ends early", loc);
    if (got < 0)
      throw Error("MNIST: " + path + " cannot be read: " + (code == Z_ERRNO ? std::strerror(errno) : text), loc);
    if (got == 0)
      break;
  }
  return bytes;
}

std::string hex(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

std::string join(const std::vector<int64_t> &sizes) {
  std::string text;
  for (int64_t size : sizes)
    text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text;
}

} // namespace

IdxFile read_idx(const std::string &plain, uint32_t magic, const std::vector<int64_t> &inner, Location loc) {
  std::string path = plain;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    path += ".gz";
  if (!std::filesystem::exists(path, ignored))
    throw Error("MNIST: no file " + plain + " nor " + path, loc);
  if (!std::filesystem::is_regular_file(path, ignored))
    throw Error("MNIST: " + path + " is not a regular file", loc);
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file)
    throw Error("MNIST: cannot open " + path + ": " + std::strerror(errno), loc);
  gzbuffer(file.get(), 1 << 17);

  size_t rank = inner.size() + 1;
  std::vector<uint8_t> header = read_bytes(file.get(), 4 * (rank + 1), path, loc);
  auto word = [&](size_t i) {
    return uint32_t(header[4 * i]) << 24 | uint32_t(header[4 * i + 1]) << 16 | uint32_t(header[4 * i + 2]) << 8 | uint32_t(header[4 * i + 3]);
  };
  if (header.size() >= 4 && word(0) != magic)
    throw Error("MNIST: " + path + " has magic number " + hex(word(0)) + ", expected " + hex(magic), loc);
  if (header.size() < 4 * (rank + 1))
    throw Error("MNIST: " + path + " is truncated: expected a header of " + std::to_string(4 * (rank + 1)) + " bytes, came " +
                    std::to_string(header.size()),
                loc);

  IdxFile result{path, {}, {}};
  uint64_t count = 1;
  for (size_t i = 0; i < rank; ++i)
    result.sizes.push_back(word(i + 1));
  if (!std::equal(inner.begin(), inner.end(), result.sizes.begin() + 1))
    throw Error("MNIST: " + path + " holds items of " + join({result.sizes.begin() + 1, result.sizes.end()}) + ", expected " + join(inner),
                loc);
  for (int64_t size : result.sizes)
    count *= static_cast<uint64_t>(size); // at most 2^32 * 28 * 28: no overflow

  result.bytes = read_bytes(file.get(), count, path, loc);
  if (result.bytes.size() != count)
    throw Error("MNIST: " + path + " is truncated: its header announces " + join(result.sizes) + " = " + std::to_string(count) +
                    " bytes, came " + std::to_string(result.bytes.size()),
                loc);
  // Reading on also makes zlib compare the checksum.
  if (!read_bytes(file.get(), 1, path, loc).empty())
    throw Error("MNIST: " + path + " goes on after the " + std::to_string(count) + " bytes that its header announces", loc);
  return result;
}

} // namespace tenon::data
