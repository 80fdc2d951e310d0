// Convolutions, transposed and of integers too.
#include "compiler/onnx/import/rules/common.h"
#include "compiler/onnx/import/rules/numbers.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;

Windows windowsOf(Node &n, ArrayRef<int64_t> spatial, Dims kernel, bool ceil) {
  size_t k = spatial.size();
  Windows w{kernel, n.is("strides", Dims(k, 1)), n.is("dilations", Dims(k, 1)), Dims(k, 0), Dims(k, 0)};
  n.expect(k > 0 && kernel.size() == k && w.stride.size() == k && w.dilation.size() == k, "kernel, strides and dilations need one entry per spatial dimension (" + Twine(k) + ")");
  std::string automatic = n.s("auto_pad", "NOTSET");
  auto pads = n.is("pads", Dims(2 * k, 0));
  n.expect(pads.size() == 2 * k, "pads need two entries per spatial dimension");
  for (size_t i = 0; i < k; ++i) {
    int64_t limit = int64_t(1) << 31;
    n.expect(w.kernel[i] > 0 && w.stride[i] > 0 && w.dilation[i] > 0 && w.kernel[i] < limit && w.stride[i] < limit && w.dilation[i] < limit && within(pads[i], limit) && within(pads[i + k], limit),
             "kernel, strides and dilations must be positive, and they and pads below 2^31");
    if (automatic == "NOTSET") {
      w.low[i] = pads[i], w.high[i] = pads[i + k];
    } else if (automatic != "VALID") {
      n.expect(automatic == "SAME_UPPER" || automatic == "SAME_LOWER", "auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER");
      int64_t count = (spatial[i] + w.stride[i] - 1) / w.stride[i];
      int64_t total = std::max<int64_t>(0, (count - 1) * w.stride[i] + (w.kernel[i] - 1) * w.dilation[i] + 1 - spatial[i]);
      w.low[i] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
      w.high[i] = total - w.low[i];
    }
  }
  return w;
}

namespace {
void conv(Node &n) {
  Expr x = n.in(0), w = n.in(1), bias = n.optional(2);
  n.expect(x.rank() >= 3 && w.rank() == x.rank(), "it takes [N, C, spatial...] and [F, C / group, kernel...]");
  Windows s = windowsOf(n, x.shape().drop_front(2), n.is("kernel_shape", Dims(w.shape().drop_front(2))));
  n.expect(ArrayRef(s.kernel) == w.shape().drop_front(2), "kernel_shape is not that of the weights");
  n.out(0, n.op<nn::ConvOp>({x, w, bias}, [&](auto &p) {
    p.stride = n.attr(s.stride), p.low = n.attr(s.low), p.high = n.attr(s.high), p.dilation = n.attr(s.dilation), p.groups = n.b.getI64IntegerAttr(n.i("group", 1));
  }));
}

void convTranspose(Node &n) {
  Expr x = n.in(0), w = n.in(1), bias = n.optional(2);
  n.expect(x.rank() >= 3 && w.rank() == x.rank(), "it takes [N, C, spatial...] and [C, F / group, kernel...]");
  size_t k = x.rank() - 2;
  Dims kernel(w.shape().drop_front(2)), stride = n.is("strides", Dims(k, 1)), dilation = n.is("dilations", Dims(k, 1)), more = n.is("output_padding", Dims(k, 0)), pads = n.is("pads", Dims(2 * k, 0));
  Dims low(k, 0), high(k, 0);
  std::string automatic = n.s("auto_pad", "NOTSET");
  auto wanted = n.is("output_shape");
  n.expect(stride.size() == k && dilation.size() == k && more.size() == k && pads.size() == 2 * k && (!wanted || wanted->size() >= k), "strides, dilations, pads and output_padding need one entry per spatial dimension");
  if (wanted && wanted->size() > k)
    wanted->erase(wanted->begin(), wanted->end() - k);
  for (size_t i = 0; i < k; ++i) {
    int64_t limit = int64_t(1) << 30;
    n.expect(stride[i] > 0 && dilation[i] > 0, "strides and dilations must be positive");
    n.expect(stride[i] < limit && dilation[i] < limit && kernel[i] < limit && x.shape()[i + 2] < limit && within(pads[i], limit) && within(pads[i + k], limit) && within(more[i], limit) && (!wanted || within((*wanted)[i], limit)),
             "extents, strides, dilations and pads must be below 2^30");
    int64_t whole = (x.shape()[i + 2] - 1) * stride[i] + more[i] + (kernel[i] - 1) * dilation[i] + 1;
    if (wanted || automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      int64_t total = whole - (wanted ? (*wanted)[i] : x.shape()[i + 2] * stride[i]);
      // Cut at the end first, but by SAME_UPPER; what is missing is padded behind.
      low[i] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
      high[i] = total - low[i];
      if (total < 0)
        low[i] = 0, high[i] = 0, more[i] -= total;
    } else {
      low[i] = automatic == "VALID" ? 0 : pads[i], high[i] = automatic == "VALID" ? 0 : pads[i + k];
    }
  }
  n.out(0, n.op<nn::ConvTransposeOp>({x, w, bias}, [&](auto &p) {
    p.stride = n.attr(stride), p.low = n.attr(low), p.high = n.attr(high), p.dilation = n.attr(dilation), p.groups = n.b.getI64IntegerAttr(n.i("group", 1)), p.output_padding = n.attr(more);
  }));
}
} // namespace

void addConv(Table &t) {
  t("Conv", 1, conv);
  t("ConvTranspose", 1, convTranspose);
}

} // namespace tenon::onnx::imports
