// f16 by instructions and by integer arithmetic: every f16 widened, and floats at and around all ties narrowed, bit for bit.
#include "compiler/api/compiler.h"
#include "compiler/dialect/interfaces/literal.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "runtime/tenon.h"
#include "gtest/gtest.h"
#include <bit>
#include <cmath>
#include <filesystem>

using namespace mlir;
namespace {

class Half : public testing::TestWithParam<const char *> {};

/// A function of one input, compiled for a target and run.
std::vector<char> run(const std::string &target, const std::string &from, const std::string &to, int64_t n, tenon_type in, tenon_type out, std::vector<char> &input, size_t bytes) {
  auto context = tenon::compiler::makeContext();
  std::string x = "tensor<" + std::to_string(n) + "x" + from + ">", y = "tensor<" + std::to_string(n) + "x" + to + ">";
  auto module = parseSourceString<ModuleOp>("func.func @f(%x: " + x + ") -> " + y + " { %y = prim.cast %x : " + x + " to " + y + "  return %y : " + y + " }", context.get());
  std::string path = testing::TempDir() + "tenon_half_" + std::to_string(getpid()) + ".so";
  tenon::compiler::Options options;
  options.target = target;
  llvm::Error error = tenon::compiler::compileModule(*module, options, path);
  EXPECT_FALSE(error) << llvm::toString(std::move(error));
  tenon_model *model = nullptr;
  tenon_state *state = nullptr;
  tenon_context *runs = nullptr;
  EXPECT_EQ(tenon_model_load(path.c_str(), &model), TENON_OK) << tenon_last_error();
  std::filesystem::remove(path);
  EXPECT_EQ(tenon_context_create(model, nullptr, &runs), TENON_OK);
  EXPECT_EQ(tenon_state_create(model, &state), TENON_OK);
  std::vector<char> result(n * bytes);
  tenon_array a{input.data(), in, 1, &n}, b{result.data(), out, 1, &n};
  EXPECT_EQ(tenon_call(runs, state, "f", &a, 1, &b, 1), TENON_OK) << tenon_last_error();
  tenon_state_free(state);
  tenon_context_free(runs);
  tenon_model_free(model);
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
