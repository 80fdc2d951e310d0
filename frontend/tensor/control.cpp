// scan, while_loop, cond: bodies are recorded once, as regions; what they use from outside becomes operands.
#include "frontend/tensor/control.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/body.h"
#include "frontend/tensor/record.h"

namespace tenon {

using namespace detail;
namespace prim = ir::prim;

namespace {

/// The step that updated a parameter ends before its new value is differentiated: inside a body no trace can end.
void end_pending_step(Location loc) {
  auto &trace = current_trace();
  if (trace.capture || trace.body || !GradMode::is_enabled())
    return;
  for (auto *p = trace.pending; p; p = p->next)
    if (p->leaf && p->requires_grad)
      return flush(trace, loc);
}

void check_carries(const char *op, Trace &trace, llvm::ArrayRef<Number> carries, const TensorList &next, Location loc) {
  if (next.size() != carries.size())
    throw record::error(op, "expected " + std::to_string(carries.size()) + " next carries of the body, got " + std::to_string(next.size()), loc);
  for (size_t i = 0; i < carries.size(); ++i)
    if (record::type_of(next[i]) != trace.type(carries[i]))
      throw record::error(op, "carry " + std::to_string(i) + " is " + record::text_of(trace.type(carries[i])) + ", the body returns " + record::text(next[i]) + " for it", loc);
}
void check_flag(const char *op, const char *what, const Tensor &flag, Location loc) {
  if (impl(op, flag, loc)->dtype != kBool || flag.numel() != 1)
    throw record::error(op, std::string("expected ") + what + " of dtype bool and one element, got " + record::text(flag), loc);
}

} // namespace

std::pair<TensorList, TensorList> scan(const ScanBody &body, const TensorList &carries, const TensorList &xs, const ScanOptions &options, Location loc) {
  Lock lock;
  if (xs.empty() && !options.length())
    throw record::error("scan", "expected a tensor to scan, or options().length(n)", loc);
  for (auto &t : carries)
    (void)impl("scan", t, loc);
  for (auto &x : xs)
    if (impl("scan", x, loc)->type.getRank() == 0 || x.size(0) != options.length().value_or(xs[0].size(0)))
      throw record::error("scan", "expected tensors of a leading dimension of " + std::to_string(options.length().value_or(xs[0].dim() ? xs[0].size(0) : 0)) + ", got " + record::text(x), loc);
  auto length = options.length().value_or(xs.empty() ? 0 : xs[0].size(0));
  if (length < 0)
    throw record::error("scan", "expected a length that is not negative, got " + std::to_string(length), loc);
  if (options.chunk() && *options.chunk() < 1)
    throw record::error("scan", "expected a chunk of at least 1 step, got " + std::to_string(*options.chunk()), loc);
  end_pending_step(loc);
  for (auto *list : {&carries, &xs})
    for (auto &t : *list)
      prepare(Access::impl(t), GradMode::is_enabled() && t.requires_grad(), loc);
  auto &trace = current_trace();
  llvm::SmallVector<Number> inits, scanned;
  for (auto &t : carries)
    inits.push_back(body_operand(trace, "scan", t, loc));
  for (auto &t : xs)
    scanned.push_back(body_operand(trace, "scan", t, loc));
  auto arguments = types_of(trace, inits);
  llvm::SmallVector<bool> flows(inits.size(), GradMode::is_enabled());
  for (auto n : scanned) {
    auto type = trace.type(n);
    arguments.push_back(mlir::RankedTensorType::get(type.getShape().drop_front(), type.getElementType()));
    flows.push_back(trace.values[n].requires_grad && GradMode::is_enabled());
  }
  Recorded r;
  auto words = uint32_t(trace.words.size());
  record_body(trace, r, "scan", true, arguments, flows, [&](const TensorList &in) {
    TensorList slices(in.begin() + long(carries.size()), in.end());
    auto [next, results] = body(TensorList(in.begin(), in.begin() + long(carries.size())), slices);
    check_carries("scan", trace, inits, next, loc);
    next.insert(next.end(), results.begin(), results.end());
    return next;
  }, loc);
  auto n = inits.size();
  finish_body(trace, r, n, loc);
  bool counter = r.body.counter != no_value;
  if (counter)
    inits.push_back(number_of(trace, Access::impl(record::draw(length * r.body.drawn, loc).counter), "scan", loc));
  auto outer = captured_by({&r});
  arrange(trace, r, n, n + xs.size(), counter, outer, loc);

  auto types = types_of(trace, inits);
  for (auto number : llvm::ArrayRef(r.yielded).drop_front(inits.size())) {
    auto slice = trace.type(number);
    llvm::SmallVector<int64_t> shape{length};
    llvm::append_range(shape, slice.getShape());
    types.push_back(mlir::RankedTensorType::get(shape, slice.getElementType()));
  }
  llvm::SmallVector<Number> operands(inits);
  llvm::append_range(operands, scanned);
  llvm::append_range(operands, outer);
  auto set = [&](auto &p) {
    p.length = record::builder().getI64IntegerAttr(length);
    if (options.reverse())
      p.reverse = record::builder().getUnitAttr();
    if (options.chunk())
      p.chunk = record::builder().getI64IntegerAttr(*options.chunk());
    p.operandSegmentSizes = {int32_t(inits.size()), int32_t(scanned.size()), int32_t(outer.size())};
  };
  auto results = append_with_bodies<prim::ScanOp>(trace, operands, set, types, {&r}, words, loc);
  return {TensorList(results.begin(), results.begin() + long(n)), TensorList(results.begin() + long(inits.size()), results.end())};
}

TensorList while_loop(const std::function<Tensor(const TensorList &)> &condition, const BodyFunction &body, const TensorList &carries, const WhileOptions &options, Location loc) {
  Lock lock;
  if (options.bound() && *options.bound() < 0)
    throw record::error("while_loop", "expected a bound that is not negative, got " + std::to_string(*options.bound()), loc);
  for (auto &t : carries)
    (void)impl("while_loop", t, loc);
  end_pending_step(loc);
  for (auto &t : carries)
    prepare(Access::impl(t), GradMode::is_enabled() && t.requires_grad(), loc);
  auto &trace = current_trace();
  llvm::SmallVector<Number> inits;
  for (auto &t : carries)
    inits.push_back(body_operand(trace, "while_loop", t, loc));
  auto n = inits.size();
  Recorded test, step;
  auto words = uint32_t(trace.words.size());
  auto types = types_of(trace, inits);
  llvm::SmallVector<bool> flows(n, GradMode::is_enabled());
  record_body(trace, test, "while_loop", false, types, flows, [&](const TensorList &in) {
    auto more = condition(in);
    check_flag("while_loop", "a condition", more, loc);
    return TensorList{more.dim() ? more.reshape({}, loc) : more};
  }, loc);
  record_body(trace, step, "while_loop", true, types, flows, [&](const TensorList &in) {
    auto next = body(in);
    check_carries("while_loop", trace, inits, next, loc);
    return next;
  }, loc);
  finish_body(trace, test, 1, loc);
  finish_body(trace, step, n, loc);
  bool counter = step.body.counter != no_value;
  // Every pass that may be taken has its numbers.
  if (counter) {
    auto passes = options.bound().value_or(int64_t(1) << 32);
    inits.push_back(number_of(trace, Access::impl(record::draw(passes * step.body.drawn, loc).counter), "while_loop", loc));
  }
  auto outer = captured_by({&test, &step});
  arrange(trace, test, n, n, counter, outer, loc);
  arrange(trace, step, n, n, counter, outer, loc);
  types = types_of(trace, inits);
  llvm::SmallVector<Number> operands(inits);
  llvm::append_range(operands, outer);
  auto set = [&](auto &p) {
    if (options.bound())
      p.bound = record::builder().getI64IntegerAttr(*options.bound());
    p.operandSegmentSizes = {int32_t(inits.size()), int32_t(outer.size())};
  };
  auto results = append_with_bodies<prim::WhileOp>(trace, operands, set, types, {&test, &step}, words, loc);
  results.resize(n);
  return results;
}

TensorList cond(const Tensor &predicate, const std::function<TensorList()> &then, const std::function<TensorList()> &otherwise, Location loc) {
  Lock lock;
  check_flag("cond", "a predicate", predicate, loc);
  end_pending_step(loc);
  auto flag = predicate.dim() ? predicate.reshape({}, loc) : predicate;
  prepare(Access::impl(flag), false, loc);
  auto &trace = current_trace();
  llvm::SmallVector<Number> operands{number_of(trace, Access::impl(flag), "cond", loc)};
  Recorded first, second;
  auto words = uint32_t(trace.words.size());
  auto a = record_body(trace, first, "cond", false, {}, {}, [&](const TensorList &) { return then(); }, loc);
  auto b = record_body(trace, second, "cond", false, {}, {}, [&](const TensorList &) { return otherwise(); }, loc);
  if (a.size() != b.size())
    throw record::error("cond", "expected as many results of both branches, got " + std::to_string(a.size()) + " and " + std::to_string(b.size()), loc);
  for (size_t i = 0; i < a.size(); ++i)
    if (record::type_of(a[i]) != record::type_of(b[i]))
      throw record::error("cond", "result " + std::to_string(i) + " is " + record::text(a[i]) + " in one branch, " + record::text(b[i]) + " in the other", loc);
  finish_body(trace, first, 0, loc);
  finish_body(trace, second, 0, loc);
  auto outer = captured_by({&first, &second});
  arrange(trace, first, 0, 0, false, outer, loc);
  arrange(trace, second, 0, 0, false, outer, loc);
  auto types = types_of(trace, first.yielded);
  llvm::append_range(operands, outer);
  return append_with_bodies<prim::IfOp>(trace, operands, [](auto &) {}, types, {&first, &second}, words, loc);
}

} // namespace tenon
