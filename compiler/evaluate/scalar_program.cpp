// One C++ expression per scalar op. f32 results are rounded to f32; f64 uses the C library in double.
#include "compiler/evaluate/scalar_program.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
namespace tenon::compiler {

/// An integer of `bits`, sign-extended; i1 is 0 or 1.
static int64_t wrap(uint64_t value, int bits) { return bits == 1 ? value & 1 : bits >= 64 ? static_cast<int64_t>(value) : llvm::SignExtend64(value, bits); }
static uint64_t unsignedOf(int64_t value, int bits) { return bits >= 64 ? value : static_cast<uint64_t>(value) & ((uint64_t(1) << bits) - 1); }

static double maximum(double a, double b) { return std::isnan(a) || std::isnan(b) ? NAN : a == b ? (std::signbit(a) ? b : a) : std::max(a, b); }
static double minimum(double a, double b) { return std::isnan(a) || std::isnan(b) ? NAN : a == b ? (std::signbit(a) ? a : b) : std::min(a, b); }

template <class P> static bool ordered(P predicate, double a, double b) {
  using arith::CmpFPredicate;
  switch (predicate) {
  case CmpFPredicate::OEQ: return a == b;
  case CmpFPredicate::UNE: return a != b;
  case CmpFPredicate::OLT: return a < b;
  case CmpFPredicate::OLE: return a <= b;
  case CmpFPredicate::OGT: return a > b;
  default: return a >= b;
  }
}
static bool ordered(arith::CmpIPredicate predicate, int64_t a, int64_t b) {
  using arith::CmpIPredicate;
  uint64_t ua = a, ub = b;
  switch (predicate) {
  case CmpIPredicate::eq: return a == b;
  case CmpIPredicate::ne: return a != b;
  case CmpIPredicate::slt: return a < b;
  case CmpIPredicate::sle: return a <= b;
  case CmpIPredicate::sgt: return a > b;
  case CmpIPredicate::sge: return a >= b;
  case CmpIPredicate::ult: return ua < ub;
  case CmpIPredicate::ule: return ua <= ub;
  case CmpIPredicate::ugt: return ua > ub;
  case CmpIPredicate::uge: return ua >= ub;
  }
  return false;
}

// REAL: x (and y) in the op's own precision F. WHOLE: i (and j) as int64, wrapped to the type. n: bits of the type.
#define STEP(body) [](const Instruction &in, const State &s) { body; }
#define REAL(Op, expression) .Case<Op>([&](auto) -> Step { \
    if (op.getResult(0).getType().isF64()) \
      return STEP([[maybe_unused]] double x = s.slots[in.a].real; [[maybe_unused]] double y = s.slots[in.b].real; using F = double; s.slots[in.result].real = F(expression)); \
    return STEP([[maybe_unused]] float x = s.slots[in.a].real; [[maybe_unused]] float y = s.slots[in.b].real; using F = float; s.slots[in.result].real = F(expression)); })
#define WHOLE(Op, expression) .Case<Op>([&](auto) -> Step { \
    return STEP([[maybe_unused]] int64_t i = s.slots[in.a].integer; [[maybe_unused]] int64_t j = s.slots[in.b].integer; [[maybe_unused]] int n = in.number; \
                s.slots[in.result].integer = wrap(expression, n)); })

ScalarProgram::Step ScalarProgram::choose(Operation &op) {
  using namespace arith;
  return TypeSwitch<Operation *, Step>(&op)
      REAL(AddFOp, x + y) REAL(SubFOp, x - y) REAL(MulFOp, x * y) REAL(DivFOp, x / y) REAL(RemFOp, std::fmod(x, y)) REAL(NegFOp, -x)
      REAL(MaximumFOp, maximum(x, y)) REAL(MinimumFOp, minimum(x, y)) REAL(math::AbsFOp, std::fabs(x)) REAL(math::FloorOp, std::floor(x))
      REAL(math::ExpOp, std::exp(x)) REAL(math::LogOp, std::log(x)) REAL(math::ExpM1Op, std::expm1(x)) REAL(math::Log1pOp, std::log1p(x))
      REAL(math::SqrtOp, std::sqrt(x)) REAL(math::RsqrtOp, F(1) / std::sqrt(x)) REAL(math::SinOp, std::sin(x)) REAL(math::CosOp, std::cos(x))
      REAL(math::TanhOp, std::tanh(x)) REAL(math::ErfOp, std::erf(x)) REAL(math::ErfcOp, std::erfc(x)) REAL(math::RoundEvenOp, std::nearbyint(x)) REAL(math::PowFOp, std::pow(x, y))
      REAL(math::FmaOp, std::fma(x, y, F(s.slots[in.c].real)))
      WHOLE(AddIOp, uint64_t(i) + uint64_t(j)) WHOLE(SubIOp, uint64_t(i) - uint64_t(j)) WHOLE(MulIOp, uint64_t(i) * uint64_t(j))
      WHOLE(DivSIOp, j == 0 ? 0 : j == -1 ? -uint64_t(i) : uint64_t(i / j)) WHOLE(RemSIOp, j == 0 || j == -1 ? 0 : i % j)
      WHOLE(DivUIOp, j == 0 ? 0 : unsignedOf(i, n) / unsignedOf(j, n)) WHOLE(RemUIOp, j == 0 ? 0 : unsignedOf(i, n) % unsignedOf(j, n))
      WHOLE(MaxSIOp, std::max(i, j)) WHOLE(MinSIOp, std::min(i, j)) WHOLE(AndIOp, i & j) WHOLE(OrIOp, i | j) WHOLE(XOrIOp, i ^ j)
      WHOLE(ShRUIOp, unsignedOf(i, n) >> j) WHOLE(ShLIOp, uint64_t(i) << j) WHOLE(math::AbsIOp, i < 0 ? -uint64_t(i) : i)
      WHOLE(TruncIOp, i) WHOLE(ExtSIOp, i) WHOLE(ExtUIOp, i) WHOLE(IndexCastOp, i)
      .Case<MulUIExtendedOp>([](auto) -> Step {
        return STEP(unsigned __int128 product = (unsigned __int128)unsignedOf(s.slots[in.a].integer, in.number) * unsignedOf(s.slots[in.b].integer, in.number);
                    s.slots[in.result].integer = wrap(uint64_t(product), in.number); s.slots[in.high].integer = wrap(uint64_t(product >> in.number), in.number));
      })
      .Case<CmpFOp>([](auto) -> Step { return STEP(s.slots[in.result].integer = ordered(CmpFPredicate(in.number), s.slots[in.a].real, s.slots[in.b].real)); })
      .Case<CmpIOp>([](auto) -> Step { return STEP(s.slots[in.result].integer = ordered(CmpIPredicate(in.number), s.slots[in.a].integer, s.slots[in.b].integer)); })
      .Case<arith::SelectOp>([](auto) -> Step { return STEP(s.slots[in.result] = s.slots[in.a].integer ? s.slots[in.b] : s.slots[in.c]); })
      .Case<ExtFOp>([](auto) -> Step { return STEP(s.slots[in.result] = s.slots[in.a]); })
      .Case<TruncFOp>([](auto) -> Step { return STEP(s.slots[in.result].real = rounded(in.type, s.slots[in.a].real)); })
      .Case<SIToFPOp>([](SIToFPOp convert) -> Step {
        if (convert.getType().isF64())
          return STEP(s.slots[in.result].real = static_cast<double>(s.slots[in.a].integer));
        return STEP(s.slots[in.result].real = static_cast<float>(s.slots[in.a].integer));
      })
      .Case<UIToFPOp>([](auto) -> Step { return STEP(s.slots[in.result].real = s.slots[in.a].integer); }) // of i1 only
      .Case<FPToSIOp>([](auto) -> Step {
        return STEP(double x = s.slots[in.a].real; s.slots[in.result].integer = x >= 0x1p63 ? INT64_MAX : x < -0x1p63 || x != x ? INT64_MIN : static_cast<int64_t>(x));
      })
      .Case<linalg::IndexOp>([](auto) -> Step { return STEP(s.slots[in.result].integer = s.indices[in.number]); })
      .Case<tensor::ExtractOp>([](auto) -> Step {
        return STEP(const Literal &tensor = *s.tensors[in.number]; int64_t place = 0;
                    for (auto [slot, extent] : llvm::zip(in.places, tensor.type.getShape())) place = place * extent + s.slots[slot].integer;
                    s.slots[in.result] = tensor.get(place));
      })
      .Default([](Operation *) -> Step { return nullptr; });
}

llvm::Expected<ScalarProgram> ScalarProgram::compile(Block &body, Value result, ValueRange tensors) {
  ScalarProgram program;
  DenseMap<Value, int> slot;
  auto place = [&](Value v, Element e = {.integer = 0}) {
    program.slots.push_back(e);
    return slot[v] = program.slots.size() - 1;
  };
  for (Value argument : body.getArguments())
    place(argument);
  for (Operation &op : body) {
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      if (auto real = dyn_cast<FloatAttr>(constant.getValue()))
        place(constant, {.real = real.getValueAsDouble()});
      else if (auto whole = dyn_cast<IntegerAttr>(constant.getValue()))
        place(constant, {.integer = whole.getType().isInteger(1) ? int64_t(whole.getValue().getZExtValue()) : whole.getInt()});
      continue;
    }
    Instruction in;
    in.step = choose(op);
    if (!in.step)
      return llvm::createStringError("the evaluator has no rule for " + op.getName().getStringRef());
    int *reads[] = {&in.a, &in.b, &in.c};
    if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
      in.number = llvm::find(tensors, extract.getTensor()) - tensors.begin();
      for (Value index : extract.getIndices())
        in.places.push_back(slot.at(index));
    } else {
      for (auto [i, v] : llvm::enumerate(op.getOperands()))
        *reads[i] = slot.at(v);
      Type type = in.type = op.getResult(0).getType();
      in.number = type.isIndex() ? 64 : type.isInteger() ? type.getIntOrFloatBitWidth() : 0;
    }
    if (auto index = dyn_cast<linalg::IndexOp>(op))
      in.number = index.getDim();
    if (auto compare = dyn_cast<arith::CmpFOp>(op))
      in.number = static_cast<int>(compare.getPredicate());
    if (auto compare = dyn_cast<arith::CmpIOp>(op))
      in.number = static_cast<int>(compare.getPredicate());
    in.result = place(op.getResult(0));
    if (op.getNumResults() > 1)
      in.high = place(op.getResult(1));
    program.instructions.push_back(std::move(in));
  }
  program.result = slot.at(result);
  return program;
}

Element ScalarProgram::run(ArrayRef<Element> arguments, ArrayRef<int64_t> indices, ArrayRef<const Literal *> tensors) {
  llvm::copy(arguments, slots.begin());
  State state{slots.data(), indices.data(), tensors.data()};
  for (const Instruction &in : instructions)
    in.step(in, state);
  return slots[result];
}

} // namespace tenon::compiler
