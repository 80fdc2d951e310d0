// Views: a chain of shape steps on a slot, replayed as ops when the slot's value changes, walked back when one is written.
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/trace.h"
#include <cstring>
#include <numeric>

namespace tenon::detail {

namespace prim = ir::prim;
using record::builder;

namespace {

mlir::Type sized(Trace &trace, Number value, llvm::ArrayRef<int64_t> sizes) { return mlir::RankedTensorType::get(sizes, trace.type(value).getElementType()); }

Number reshape(Trace &trace, Number value, llvm::ArrayRef<int64_t> sizes, Location loc) {
  return trace.type(value).getShape() == sizes ? value : trace.op<prim::ReshapeOp>({value}, loc, nullptr, sized(trace, value, sizes));
}
Number transpose(Trace &trace, Number value, llvm::ArrayRef<int64_t> permutation, Location loc) {
  return trace.op<prim::TransposeOp>({value}, loc, [&](auto &p) { p.permutation = builder().getDenseI64ArrayAttr(permutation); });
}
Number slice(Trace &trace, Number value, llvm::ArrayRef<int64_t> offsets, llvm::ArrayRef<int64_t> sizes, llvm::ArrayRef<int64_t> strides, Location loc) {
  return trace.op<prim::SliceOp>({value}, loc, [&](auto &p) {
    p.offsets = builder().getDenseI64ArrayAttr(offsets);
    p.sizes = builder().getDenseI64ArrayAttr(sizes);
    p.strides = builder().getDenseI64ArrayAttr(strides);
  });
}

Number apply(Trace &trace, Number value, const ViewStep &step, Location loc) {
  switch (step.kind) {
  case ViewStep::Reshape:
    return reshape(trace, value, step.sizes, loc);
  case ViewStep::Permute:
    return transpose(trace, value, step.sizes, loc);
  case ViewStep::Slice:
    return slice(trace, value, step.offsets, step.sizes, step.strides, loc);
  case ViewStep::Expand: {
    auto rank = trace.type(value).getRank();
    llvm::SmallVector<int64_t> dimensions(static_cast<size_t>(rank));
    std::iota(dimensions.begin(), dimensions.end(), int64_t(step.sizes.size()) - rank);
    return trace.op<prim::BroadcastOp>({value}, loc, [&](auto &p) { p.dimensions = builder().getDenseI64ArrayAttr(dimensions); }, sized(trace, value, step.sizes));
  }
  case ViewStep::Detach:
    return value;
  }
  llvm_unreachable("no such step");
}

/// `whole` with `part` in the place that the slice names: per dimension, what lies before and after is put around it.
Number insert(Trace &trace, Number whole, Number part, const ViewStep &step, Location loc) {
  auto shape = trace.type(whole).getShape().vec();
  llvm::SmallVector<int64_t> ones(shape.size(), 1);
  // From the last dimension to the first: `part` grows to the whole extent of one dimension after the other.
  for (size_t d = shape.size(); d-- > 0;) {
    auto begin = step.offsets[d], end = begin + step.sizes[d];
    if (begin == 0 && end == shape[d])
      continue;
    llvm::SmallVector<Number, 3> parts;
    auto cut = [&](int64_t from, int64_t to) {
      if (from == to)
        return;
      // Dimensions after d are whole by now, those before are still the slice's.
      llvm::SmallVector<int64_t> offsets(shape.size(), 0), sizes(shape.begin(), shape.end());
      for (size_t i = 0; i < d; ++i)
        offsets[i] = step.offsets[i], sizes[i] = step.sizes[i];
      offsets[d] = from;
      sizes[d] = to - from;
      parts.push_back(slice(trace, whole, offsets, sizes, ones, loc));
    };
    cut(0, begin);
    parts.push_back(part);
    cut(end, shape[d]);
    part = trace.op<prim::ConcatOp>(parts, loc, [&](auto &p) { p.dimension = builder().getI64IntegerAttr(int64_t(d)); });
  }
  return part;
}

Number constant(Trace &trace, mlir::Type element, Scalar value, Location loc) {
  char bytes[8] = {};
  store_scalar(bytes, dtype_of_type(element), value);
  auto number = dense_elements(mlir::RankedTensorType::get({}, element), bytes);
  return trace.op<prim::ConstantOp>({}, loc, [&](auto &p) { p.value = number; });
}

/// The same for a slice with steps: the part, spread out, where a mask spread out likewise says so.
Number insert_spread(Trace &trace, Number whole, Number part, const ViewStep &step, Location loc) {
  auto shape = trace.type(whole).getShape();
  if (llvm::is_contained(step.sizes, 0))
    return whole;
  llvm::SmallVector<int64_t> high, interior;
  for (size_t d = 0; d < shape.size(); ++d) {
    interior.push_back(step.strides[d] - 1);
    high.push_back(shape[d] - step.offsets[d] - (step.sizes[d] - 1) * step.strides[d] - 1);
  }
  auto spread = [&](Number value, Scalar between) {
    auto filler = constant(trace, trace.type(value).getElementType(), between, loc);
    return trace.op<prim::PadOp>({value, filler}, loc, [&](auto &p) {
      p.low = builder().getDenseI64ArrayAttr(step.offsets);
      p.high = builder().getDenseI64ArrayAttr(high);
      p.interior = builder().getDenseI64ArrayAttr(interior);
    });
  };
  auto flag = builder().getI1Type();
  auto mask = trace.op<prim::BroadcastOp>({constant(trace, flag, true, loc)}, loc, [&](auto &p) { p.dimensions = builder().getDenseI64ArrayAttr({}); },
                                          mlir::RankedTensorType::get(step.sizes, flag));
  return trace.op<prim::SelectOp>({spread(mask, false), spread(part, 0), whole}, loc);
}

Number apply_write(Trace &trace, Number source, Number written, const ViewStep &step, const char *op, Location loc) {
  switch (step.kind) {
  case ViewStep::Reshape:
    return reshape(trace, written, trace.type(source).getShape(), loc);
  case ViewStep::Permute: {
    llvm::SmallVector<int64_t> inverse(step.sizes.size());
    for (size_t i = 0; i < inverse.size(); ++i)
      inverse[size_t(step.sizes[i])] = int64_t(i);
    return transpose(trace, written, inverse, loc);
  }
  case ViewStep::Slice:
    return (llvm::all_of(step.strides, [](int64_t s) { return s == 1; }) ? insert : insert_spread)(trace, source, written, step, loc);
  case ViewStep::Expand:
    throw record::error(op, "an expanded tensor cannot be written in place: its elements share memory; clone() it first", loc);
  case ViewStep::Detach:
    return written;
  }
  llvm_unreachable("no such step");
}

} // namespace

Number replay(Trace &trace, Number value, llvm::ArrayRef<ViewStep> steps, Location loc) {
  for (auto &step : steps)
    value = apply(trace, value, step, loc);
  return value;
}

Number replay_write(Trace &trace, Number base, llvm::ArrayRef<ViewStep> steps, Number written, const char *op, Location loc) {
  llvm::SmallVector<Number, 4> sources{base};
  for (auto &step : steps.drop_back())
    sources.push_back(apply(trace, sources.back(), step, loc));
  for (size_t i = steps.size(); i-- > 0;)
    written = apply_write(trace, sources[i], written, steps[i], op, loc);
  return written;
}

Tensor make_view(const char *op, const Tensor &of, ViewStep step, Location loc) {
  Lock lock;
  auto &from = impl(op, of, loc);
  auto shape = step.kind == ViewStep::Detach ? from->shape().vec() : step.sizes;
  if (step.kind == ViewStep::Permute)
    for (size_t i = 0; i < shape.size(); ++i)
      shape[i] = from->shape()[size_t(step.sizes[i])];
  auto p = std::make_shared<TensorImpl>(tensor_type(shape, from->dtype), from->dtype, loc);
  p->view = std::make_unique<View>();
  p->view->base = from->view ? from->view->base : from;
  if (from->view)
    p->view->steps = from->view->steps;
  p->view->follows = (!from->view || from->view->follows) && GradMode::is_enabled() && step.kind != ViewStep::Detach;
  p->requires_grad = from->requires_grad && GradMode::is_enabled() && step.kind != ViewStep::Detach;
  p->leaf = !p->requires_grad;
  p->view->steps.push_back(std::move(step));
  return Access::wrap(std::move(p));
}

bool is_whole(const View &view) {
  return llvm::all_of(view.steps, [](const ViewStep &s) { return s.kind == ViewStep::Reshape || s.kind == ViewStep::Detach; });
}

namespace {
struct Strided {
  Shape sizes, strides;
  int64_t offset = 0;
};
Shape row_major(const Shape &sizes) {
  Shape strides(sizes.size(), 1);
  for (size_t i = sizes.size(); i-- > 1;)
    strides[i - 1] = strides[i] * sizes[i];
  return strides;
}
void gather(const Strided &from, const char *base, char *to, size_t width) {
  Shape index(from.sizes.size(), 0);
  auto total = std::accumulate(from.sizes.begin(), from.sizes.end(), int64_t(1), std::multiplies<>());
  auto inner = from.sizes.empty() ? 1 : from.sizes.back();
  bool rows = !from.sizes.empty() && from.strides.back() == 1;
  int64_t at = from.offset;
  for (int64_t done = 0; done < total; done += inner) {
    if (rows)
      std::memcpy(to, base + size_t(at) * width, size_t(inner) * width);
    else
      for (int64_t i = 0; i < inner; ++i)
        std::memcpy(to + size_t(i) * width, base + size_t(at + i * (from.sizes.empty() ? 0 : from.strides.back())) * width, width);
    to += size_t(inner) * width;
    for (size_t d = from.sizes.size(); d-- > 1;) {
      auto &i = index[d - 1];
      at += from.strides[d - 1];
      if (++i < from.sizes[d - 1])
        break;
      at -= i * from.strides[d - 1];
      i = 0;
    }
  }
}
} // namespace

void copy_view(const TensorImpl &view, const void *base, void *to) {
  auto width = tenon::element_size(view.dtype);
  auto *from = static_cast<const char *>(base);
  std::vector<char> between;
  Strided now{view.view->base->shape().vec(), {}, 0};
  now.strides = row_major(now.sizes);
  auto flatten = [&] {
    std::vector<char> dense(size_t(std::accumulate(now.sizes.begin(), now.sizes.end(), int64_t(1), std::multiplies<>())) * width);
    gather(now, from, dense.data(), width);
    between = std::move(dense);
    from = between.data();
    now.strides = row_major(now.sizes);
    now.offset = 0;
  };
  for (auto &step : view.view->steps)
    switch (step.kind) {
    case ViewStep::Reshape:
      if (now.strides != row_major(now.sizes))
        flatten();
      now = {step.sizes, row_major(step.sizes), now.offset};
      break;
    case ViewStep::Permute: {
      auto before = now;
      for (size_t i = 0; i < step.sizes.size(); ++i)
        now.sizes[i] = before.sizes[size_t(step.sizes[i])], now.strides[i] = before.strides[size_t(step.sizes[i])];
      break;
    }
    case ViewStep::Slice:
      for (size_t i = 0; i < step.sizes.size(); ++i)
        now.offset += step.offsets[i] * now.strides[i], now.strides[i] *= step.strides[i];
      now.sizes = step.sizes;
      break;
    case ViewStep::Expand: {
      Shape strides(step.sizes.size(), 0);
      auto shift = step.sizes.size() - now.sizes.size();
      for (size_t i = 0; i < now.sizes.size(); ++i)
        strides[i + shift] = now.sizes[i] == step.sizes[i + shift] ? now.strides[i] : 0;
      now.sizes = step.sizes;
      now.strides = strides;
      break;
    }
    case ViewStep::Detach:
      break;
    }
  gather(now, from, static_cast<char *>(to), width);
}

} // namespace tenon::detail
