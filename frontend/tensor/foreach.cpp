// One op that updates lists of tensors: the body is recorded once, on rank-0 handles.
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"

namespace tenon::record {

using namespace detail;
namespace prim = ir::prim;

namespace {

void check_lists(const std::vector<TensorList> &lists, Location loc) {
  if (lists.empty() || lists[0].empty())
    throw error("foreach", "expected at least one list of at least one tensor", loc);
  for (size_t l = 0; l < lists.size(); ++l) {
    if (lists[l].size() != lists[0].size())
      throw error("foreach", "expected lists of one length, got " + std::to_string(lists[0].size()) + " and " + std::to_string(lists[l].size()), loc);
    for (size_t i = 0; i < lists[l].size(); ++i) {
      auto &p = impl("foreach", lists[l][i], loc);
      if (p->shape() != Access::impl(lists[0][i])->shape())
        throw error("foreach", "expected tensors of one shape in place " + std::to_string(i) + ", got " + text(lists[0][i]) + " and " + text(lists[l][i]), loc);
      if (p->dtype != Access::impl(lists[l][0])->dtype)
        throw error("foreach", "expected lists of one dtype, got " + text(lists[l][0]) + " and " + text(lists[l][i]), loc);
    }
  }
}

} // namespace

void foreach(const char *op, const TensorList &shared, const std::vector<TensorList> &lists, const ForeachBody &function, Location loc) {
  Lock lock;
  check_lists(lists, loc);
  NoGradGuard no_grad; // it has no derivative
  auto each = [&](auto visit) {
    for (auto &t : shared)
      visit(t);
    for (auto &list : lists)
      for (auto &t : list)
        visit(t);
  };
  each([&](const Tensor &t) { prepare(impl("foreach", t, loc), false, loc); });
  auto &trace = current_trace();
  if (trace.body && trace.body->scalars)
    throw error("foreach", "expected no foreach inside another", loc);
  llvm::SmallVector<Number, 64> operands;
  each([&](const Tensor &t) { operands.push_back(number_of(trace, Access::impl(t), "foreach", loc)); });

  auto body_words = uint32_t(trace.words.size());
  auto region = std::make_unique<mlir::Region>();
  auto *block = new mlir::Block;
  region->push_back(block);
  TensorList results;
  llvm::SmallVector<std::pair<Number, Number>> captured;
  llvm::SmallVector<Number, 8> yielded;
  auto where = mlir_location(loc);
  {
    BodyScope scope(trace, block, "foreach", true);
    auto argument = [&](Dtype dtype) {
      auto type = detail::tensor_type({}, dtype);
      trace.words.insert(trace.words.end(), {tag_body, Word(uintptr_t(type.getAsOpaquePointer()))});
      return wrap_value(trace, trace.add_value(block->addArgument(type, where)), loc, false);
    };
    TensorList shared_elements, elements;
    for (auto &t : shared) {
      if (t.dim() != 0)
        throw error("foreach", "expected shared tensors of rank 0, got " + text(t), loc);
      shared_elements.push_back(argument(t.scalar_type()));
    }
    for (auto &list : lists)
      elements.push_back(argument(list[0].scalar_type()));
    results = function(shared_elements, elements);
    for (auto &t : results) {
      if (impl("foreach", t, loc)->type.getRank() != 0)
        throw error("foreach", "expected rank-0 results, got " + text(t), loc);
      yielded.push_back(number_of(trace, Access::impl(t), "foreach", loc));
    }
    trace.append(opcode<prim::YieldOp>(), yielded, {"", 1}, {}, loc, {}); // its rule needs the parent that it gets below
    captured.assign(scope.body.captured.begin(), scope.body.captured.end());
  }

  // Arguments: shared, one per list, captured. The op wants the captured ones among the shared: move them there.
  auto n_lists = lists.size(), n_shared = shared.size();
  if (!captured.empty()) {
    for (size_t i = 0; i < captured.size(); ++i) {
      auto from = unsigned(n_shared + n_lists + i);
      auto moved = block->insertArgument(unsigned(n_shared + i), block->getArgument(from).getType(), where);
      block->getArgument(from + 1).replaceAllUsesWith(moved);
      trace.values[captured[i].second].value = moved;
      block->eraseArgument(from + 1);
    }
    llvm::SmallVector<Number> outer;
    for (auto &c : captured)
      outer.push_back(c.first);
    operands.insert(operands.begin() + long(n_shared), outer.begin(), outer.end());
  }

  auto count = lists[0].size();
  llvm::SmallVector<mlir::Type, 32> types;
  for (auto y : yielded)
    for (size_t i = 0; i < count; ++i) {
      auto like = Access::impl(lists[0][i])->type, element = trace.type(y);
      types.push_back(like.getElementType() == element.getElementType() ? like : like.clone(element.getElementType()));
    }
  using Properties = prim::ForeachOp::Properties;
  alignas(Properties) char bytes[sizeof(Properties)];
  std::memset(bytes, 0, sizeof bytes);
  auto *properties = new (bytes) Properties();
  properties->count = builder().getI64IntegerAttr(int64_t(count));
  properties->operandSegmentSizes = {int32_t(n_shared + captured.size()), int32_t(n_lists * count)};
  Trace::AppendOptions options;
  options.bodies.push_back(std::move(region));
  options.body_words = body_words;
  auto first = trace.append(opcode<prim::ForeachOp>(), operands, {bytes, sizeof bytes}, types, loc, std::move(options));
  for (size_t l = 0; l < yielded.size(); ++l)
    for (size_t i = 0; i < count; ++i)
      assign_value(trace, op, lists[l][i], first + Number(l * count + i), loc);
}

} // namespace tenon::record
