// Philox4x32-10 against the known-answer vectors of Random123 (kat_vectors), and the op against the generator.
#include "compiler/dialect/dialects.h"
#include "compiler/dialect/prim/loop_nest.h"
#include "compiler/evaluate/evaluate.h"
#include "compiler/evaluate/scalar_program.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"
#include <array>

using namespace mlir;
namespace {

MLIRContext &context() {
  static MLIRContext *context = [] {
    DialectRegistry registry;
    tenon::ir::registerDialects(registry);
    registry.insert<func::FuncDialect, arith::ArithDialect, linalg::LinalgDialect>();
    auto *c = new MLIRContext(registry, MLIRContext::Threading::DISABLED);
    c->loadAllAvailableDialects();
    return c;
  }();
  return *context;
}

std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  Block body;
  ImplicitLocOpBuilder b(UnknownLoc::get(&context()), &context());
  b.setInsertionPointToEnd(&body);
  for (int i = 0; i < 6; ++i)
    body.addArgument(b.getI32Type(), b.getLoc());
  ValueRange arguments = body.getArguments();
  SmallVector<Value> words = tenon::ir::prim::philox4x32(b, arguments.take_front(4), arguments.drop_front(4));
  SmallVector<tenon::compiler::Element> x;
  for (uint32_t v : counter)
    x.push_back({.integer = static_cast<int32_t>(v)});
  for (uint32_t v : key)
    x.push_back({.integer = static_cast<int32_t>(v)});
  std::array<uint32_t, 4> result;
  for (int i = 0; i < 4; ++i)
    result[i] = static_cast<uint32_t>(llvm::cantFail(tenon::compiler::ScalarProgram::compile(body, words[i], {})).run(x, {}, {}).integer);
  return result;
}

using Words = std::array<uint32_t, 4>;

} // namespace

TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, OpCountsElementsAndCarriesIntoTheHighWord) {
  for (int64_t word = 0; word < 4; ++word) {
    std::string text =
        "func.func @f(%s: tensor<i64>, %c: tensor<i64>) -> tensor<2x3xi32> {\n  %y = prim.philox %s, %c {word = " + std::to_string(word) +
        " : i64} : tensor<2x3xi32>\n  return %y : tensor<2x3xi32>\n}";
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, ParserConfig(&context()));
    ASSERT_TRUE(module);
    auto scalar = [&](int64_t v) {
      tenon::compiler::Literal x = tenon::compiler::Literal::zeros(RankedTensorType::get({}, IntegerType::get(&context(), 64)));
      x.set(0, {.integer = v});
      return x;
    };
    llvm::StringMap<tenon::compiler::Literal> state;
    int64_t seed = 0x0123456789abcdef, counter = 0x5fffffffd; // the fourth element carries
    auto y = llvm::cantFail(tenon::compiler::evaluate(*module->getOps<func::FuncOp>().begin(), {scalar(seed), scalar(counter)}, state));
    for (int64_t e = 0; e < 6; ++e) {
      uint64_t c = counter + e;
      EXPECT_EQ(static_cast<uint32_t>(y[0].get(e).integer),
                philox({uint32_t(c), uint32_t(c >> 32), 0, 0}, {uint32_t(seed), uint32_t(seed >> 32)})[word]);
    }
  }
}
