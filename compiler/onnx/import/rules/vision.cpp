// Grids and blocks of images.
#include "compiler/onnx/import/rules/common.h"
#include "compiler/onnx/import/rules/numbers.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

/// Places of an affine transform of [-1, 1]: [N, H, W, 2] or [N, D, H, W, 3].
void affineGrid(Node &n) {
  Expr theta = n.in(0);
  Dims size = n.ints(1);
  size_t k = size.size() - 2;
  n.expect(size.size() == 4 || size.size() == 5, "its size has four or five dimensions");
  Dims wanted{size[0], int64_t(k), int64_t(k + 1)};
  n.expect(theta.shape() == ArrayRef(wanted), "it takes theta [N, 2, 3] and a size of four, or [N, 3, 4] and five");
  Dims planes(size.begin() + 2, size.end()), shape(planes);
  int64_t count = elementsOf(planes, mostPlaces / 4);
  bool corners = n.i("align_corners", 0);
  // Columns: x, y (, z), 1.
  Literal base = Literal::zeros(RankedTensorType::get({count, int64_t(k + 1)}, theta.element()));
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = i;
    for (size_t c = 0; c < k; ++c) {
      int64_t extent = planes[k - 1 - c], at = rest % extent;
      rest /= extent;
      double place = corners ? (extent > 1 ? 2.0 * double(at) / double(extent - 1) - 1 : 0) : (2.0 * double(at) + 1) / double(extent) - 1;
      base.set(i * int64_t(k + 1) + int64_t(c), {.real = place});
    }
    base.set(i * int64_t(k + 1) + int64_t(k), {.real = 1});
  }
  Expr grid = n.matmul(n.constant(base), transpose(theta, {0, 2, 1}));
  shape.insert(shape.begin(), size[0]), shape.push_back(int64_t(k));
  n.out(0, n.reshape(grid, shape), n.dtype(0));
}

/// Blocks [N, C x block, places] added where they lie in an image.
void col2im(Node &n) {
  Expr x = n.in(0);
  Dims image = n.ints(1), block = n.ints(2);
  size_t k = image.size();
  Dims dilation = n.is("dilations", Dims(k, 1)), pads = n.is("pads", Dims(2 * k, 0)), stride = n.is("strides", Dims(k, 1)), counts;
  n.expect(x.rank() == 3 && k > 0 && block.size() == k && dilation.size() == k && pads.size() == 2 * k && stride.size() == k, "it takes [N, C x block, places], and one entry per dimension of the image");
  for (size_t d = 0; d < k; ++d) {
    int64_t limit = int64_t(1) << 28;
    n.expect(image[d] > 0 && block[d] > 0 && dilation[d] > 0 && stride[d] > 0 && image[d] < limit && block[d] < limit && dilation[d] < limit && stride[d] < limit && std::abs(pads[d]) < limit &&
                 std::abs(pads[d + k]) < limit, "sizes, strides and dilations must be positive, and they and pads below 2^28");
    counts.push_back((image[d] + pads[d] + pads[d + k] - dilation[d] * (block[d] - 1) - 1) / stride[d] + 1);
    n.expect(counts.back() > 0, "no block fits in dimension " + Twine(d));
  }
  int64_t area = elementsOf(image), inner = elementsOf(block, mostPlaces), places = elementsOf(counts, mostPlaces);
  n.expect(x.shape()[2] == places && x.shape()[1] % inner == 0 && inner <= mostPlaces / places, "its blocks do not fit to the image");
  // Which elements lie inside, and where.
  Dims from, to;
  for (int64_t i = 0; i < inner * places; ++i) {
    int64_t offset = i / places, place = i % places, target = 0, scale = 1;
    bool inside = true;
    for (size_t d = k; d-- > 0;) {
      int64_t at = place % counts[d] * stride[d] - pads[d] + offset % block[d] * dilation[d];
      place /= counts[d], offset /= block[d];
      inside &= at >= 0 && at < image[d];
      target += at * scale, scale *= image[d];
    }
    if (inside)
      from.push_back(i), to.push_back(target);
  }
  int64_t planes = x.shape()[0] * (x.shape()[1] / inner);
  auto numbers = [&](const Dims &v) { return n.ints64(v, {int64_t(v.size())}); };
  Expr used = ir::gather(n.reshape(x, {planes, inner * places}), numbers(from), 1);
  Expr y = scatterAdd(numbers(to), used, RankedTensorType::get({planes, area}, x.element()), 1);
  Dims shape{x.shape()[0], x.shape()[1] / inner};
  llvm::append_range(shape, image);
  n.out(0, n.reshape(y, shape), n.dtype(0));
}
} // namespace

void addVision(Table &t) {
  t("AffineGrid", 20, affineGrid);
  t("Col2Im", 18, col2im);
}

} // namespace tenon::onnx::imports
