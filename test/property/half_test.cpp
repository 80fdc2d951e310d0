// f16 by instructions and by integer arithmetic: every f16 widened, and floats at and around all ties narrowed, bit for bit.
#include "llvm/ADT/APFloat.h"
#include "test/property/artifact.h"
#include "gtest/gtest.h"
#include <bit>
#include <cmath>

namespace {

class Half : public testing::TestWithParam<const char *> {};

/// A function of one input, compiled for a target and run.
std::vector<char> run(const std::string &target, const std::string &from, const std::string &to, int64_t n, tenon_type in, tenon_type out, std::vector<char> &input, size_t bytes) {
  std::string x = "tensor<" + std::to_string(n) + "x" + from + ">", y = "tensor<" + std::to_string(n) + "x" + to + ">";
  tenon::test::Artifact artifact("func.func @f(%x: " + x + ") -> " + y + " { %y = prim.cast %x : " + x + " to " + y + "  return %y : " + y + " }", target);
  std::vector<char> result(n * bytes);
  artifact.call("f", {{input.data(), in, 1, &n}}, {{result.data(), out, 1, &n}});
  return result;
}

TEST_P(Half, Widens) {
  std::vector<char> in(2 * 65536);
  for (uint32_t bits = 0; bits < 65536; ++bits)
    reinterpret_cast<uint16_t *>(in.data())[bits] = bits;
  std::vector<char> out = run(GetParam(), "f16", "f32", 65536, TENON_FLOAT16, TENON_FLOAT32, in, 4);
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    float got = reinterpret_cast<float *>(out.data())[bits], wanted = llvm::APFloat(llvm::APFloat::IEEEhalf(), llvm::APInt(16, bits)).convertToFloat();
    if (std::isnan(wanted))
      ASSERT_TRUE(std::isnan(got)) << bits;
    else
      ASSERT_EQ(std::bit_cast<uint32_t>(got), std::bit_cast<uint32_t>(wanted)) << bits;
  }
}

TEST_P(Half, Narrows) {
  std::vector<float> values{INFINITY, NAN, 1e-45f, 1e-30f, 3e38f, 65520.0f, 65519.996f, 65536.0f, 1e5f};
  for (uint32_t bits = 0; bits < 0x7c00; ++bits) { // every f16, the middle to the next, and the floats beside both
    float x = llvm::APFloat(llvm::APFloat::IEEEhalf(), llvm::APInt(16, bits)).convertToFloat();
    float next = bits + 1 == 0x7c00 ? 65536.0f : llvm::APFloat(llvm::APFloat::IEEEhalf(), llvm::APInt(16, bits + 1)).convertToFloat();
    for (float v : {x, (x + next) / 2})
      for (float w : {std::nextafter(v, -1.0f), v, std::nextafter(v, 1e6f)})
        values.push_back(w);
  }
  for (size_t i = 0, n = values.size(); i < n; ++i)
    values.push_back(-values[i]);
  std::vector<char> in(values.size() * 4);
  std::memcpy(in.data(), values.data(), in.size());
  std::vector<char> out = run(GetParam(), "f32", "f16", values.size(), TENON_FLOAT32, TENON_FLOAT16, in, 2);
  for (size_t i = 0; i < values.size(); ++i) {
    llvm::APFloat number(values[i]);
    bool lost;
    number.convert(llvm::APFloat::IEEEhalf(), llvm::APFloat::rmNearestTiesToEven, &lost);
    uint16_t got = reinterpret_cast<uint16_t *>(out.data())[i];
    if (std::isnan(values[i]))
      ASSERT_GT(got & 0x7fff, 0x7c00);
    else
      ASSERT_EQ(got, number.bitcastToAPInt().getZExtValue()) << values[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, Half, testing::Values("host", "x86-64"), [](const auto &info) { return info.index ? "portable" : "host"; });

} // namespace
