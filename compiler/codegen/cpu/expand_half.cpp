// The conversions by integer arithmetic on the bits; an addition of floats shifts and rounds where one side is below the normal numbers of f16.
#include "compiler/codegen/cpu/expand_half.h"
#include "compiler/mlir_headers.h"

using namespace mlir;
namespace tenon::compiler::cpu {
namespace {

/// Arithmetic on the bits of an f32 or a vector of them.
struct Bits {
  ImplicitLocOpBuilder &b;
  Type real, word, half, halfWord; // f32, i32, f16, i16: scalars, or vectors of one shape

  Bits(ImplicitLocOpBuilder &b, Type like) : b(b), real(shaped(like, b.getF32Type())), word(shaped(like, b.getI32Type())), half(shaped(like, b.getF16Type())), halfWord(shaped(like, b.getI16Type())) {}
  static Type shaped(Type like, Type element) {
    auto vector = dyn_cast<VectorType>(like);
    return vector ? Type(vector.clone(element)) : element;
  }
  Value number(uint32_t n) {
    TypedAttr one = b.getI32IntegerAttr(static_cast<int32_t>(n));
    if (auto vector = dyn_cast<VectorType>(word)) one = DenseElementsAttr::get(vector, Attribute(one));
    return arith::ConstantOp::create(b, one);
  }
  Value both(Value x, uint32_t mask) { return arith::AndIOp::create(b, x, number(mask)); }
  Value plus(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value plus(Value x, uint32_t n) { return plus(x, number(n)); }
  Value either(Value x, Value y) { return arith::OrIOp::create(b, x, y); }
  Value left(Value x, uint32_t n) { return arith::ShLIOp::create(b, x, number(n)); }
  Value right(Value x, uint32_t n) { return arith::ShRUIOp::create(b, x, number(n)); }
  Value is(arith::CmpIPredicate p, Value x, uint32_t n) { return arith::CmpIOp::create(b, p, x, number(n)); }
  Value choose(Value c, Value x, Value y) { return arith::SelectOp::create(b, c, x, y); }
  Value asReal(Value x) { return arith::BitcastOp::create(b, real, x); }
  Value asWord(Value x) { return arith::BitcastOp::create(b, word, x); }
};

constexpr uint32_t bias = (127 - 15) << 23; // between the exponents, in place
using P = arith::CmpIPredicate;

struct ExpandExtend : OpRewritePattern<arith::ExtFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::ExtFOp op, PatternRewriter &rewriter) const override {
    Type from = op.getIn().getType();
    if (!getElementTypeOrSelf(from).isF16()) return failure();
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Bits x(b, from);
    Value h = arith::ExtUIOp::create(b, x.word, arith::BitcastOp::create(b, x.halfWord, op.getIn()));
    Value shifted = x.left(x.both(h, 0x7fff), 13), exponent = x.both(shifted, 0x0f800000), normal = x.plus(shifted, bias);
    Value infinite = x.plus(normal, (128 - 16) << 23); // and NaN
    // Below the normal numbers: 2^-14 too much was added, and is taken off again.
    Value least = x.asReal(x.number(113u << 23));
    Value small = x.asWord(arith::SubFOp::create(b, x.asReal(x.plus(normal, 1u << 23)), least));
    Value bits = x.choose(x.is(P::eq, exponent, 0x0f800000), infinite, x.choose(x.is(P::eq, exponent, 0), small, normal));
    Value wide = x.asReal(x.either(bits, x.left(x.both(h, 0x8000), 16)));
    if (wide.getType() != op.getType()) wide = arith::ExtFOp::create(b, op.getType(), wide);
    rewriter.replaceOp(op, wide);
    return success();
  }
};

struct ExpandTruncate : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::TruncFOp op, PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF16() || !getElementTypeOrSelf(op.getIn().getType()).isF32()) return failure();
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Bits x(b, op.getType());
    Value bits = x.asWord(op.getIn()), size = x.both(bits, 0x7fffffff), sign = x.right(x.both(bits, 0x80000000), 16);
    // Adding 1/2 leaves the digits of a number below 2^-14 at the end of the word, rounded to even.
    Value half = x.number(((127 - 15) + (23 - 10) + 1) << 23);
    Value small = arith::SubIOp::create(b, x.asWord(arith::AddFOp::create(b, x.asReal(size), x.asReal(half))), half);
    Value odd = x.both(x.right(size, 13), 1);
    Value normal = x.right(x.plus(x.plus(size, odd), 0xfffu - bias), 13); // what rounds up beyond the largest is infinite
    Value large = x.choose(x.is(P::ugt, size, 0x7f800000), x.number(0x7e00), x.number(0x7c00));
    Value result = x.choose(x.is(P::uge, size, (127 + 16) << 23), large, x.choose(x.is(P::ult, size, 113 << 23), small, normal));
    Value word = arith::TruncIOp::create(b, x.halfWord, x.either(result, sign));
    rewriter.replaceOp(op, arith::BitcastOp::create(b, x.half, word));
    return success();
  }
};

/// An integer becomes an f32 on its way to a narrower float.
template <class Op> struct ThroughSingle : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    if (getElementTypeOrSelf(op.getType()).getIntOrFloatBitWidth() != 16) return failure();
    Type single = Bits::shaped(op.getType(), rewriter.getF32Type());
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), Op::create(rewriter, op.getLoc(), single, op.getIn()));
    return success();
  }
};

} // namespace

void populateExpandHalfPatterns(RewritePatternSet &patterns) { patterns.add<ExpandExtend, ExpandTruncate>(patterns.getContext()); }

void populateThroughSinglePatterns(RewritePatternSet &patterns) { patterns.add<ThroughSingle<arith::SIToFPOp>, ThroughSingle<arith::UIToFPOp>>(patterns.getContext()); }

void moveBFloat16AsWords(ModuleOp module) {
  Type word = IntegerType::get(module.getContext(), 16);
  auto change = [&](Value v) {
    if (LLVM::isCompatibleType(v.getType()) && getElementTypeOrSelf(v.getType()).isBF16()) v.setType(Bits::shaped(v.getType(), word));
  };
  module.walk([&](Operation *op) {
    if (auto constant = dyn_cast<LLVM::ConstantOp>(op)) {
      if (auto number = dyn_cast<FloatAttr>(constant.getValue()); number && number.getType().isBF16())
        constant.setValueAttr(IntegerAttr::get(word, number.getValue().bitcastToAPInt()));
      if (auto numbers = dyn_cast<DenseElementsAttr>(constant.getValue()); numbers && numbers.getElementType().isBF16()) constant.setValueAttr(numbers.bitcast(word));
    }
    for (Value v : op->getResults()) change(v);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (Value v : block.getArguments()) change(v);
  });
}

} // namespace tenon::compiler::cpu
