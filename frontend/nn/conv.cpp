// Layers of convolution.
#include <tenon/nn/conv.h>
#include <tenon/nn/init.h>

#include <cmath>
#include <ostream>

namespace tenon::nn {
namespace {

std::string tuple(const std::vector<int64_t> &numbers) {
  std::string text;
  for (int64_t n : numbers)
    text += (text.empty() ? "(" : ", ") + std::to_string(n);
  return text + (numbers.size() == 1 ? ",)" : ")");
}
template <std::size_t D> bool is(const ExpandingArray<D> &numbers, int64_t all) { return numbers.vec() == std::vector<int64_t>(D, all); }

} // namespace

template <std::size_t D, bool transposed, typename Derived> void ConvNdImpl<D, transposed, Derived>::reset() {
  int64_t in = options.in_channels(), out = options.out_channels(), groups = options.groups();
  auto error = [&](const std::string &what) { return Error((transposed ? "ConvTranspose" : "Conv") + std::to_string(D) + "d: " + what); };
  if (in <= 0 || out <= 0 || groups <= 0)
    throw error("expected positive channels and groups, came in_channels " + std::to_string(in) + ", out_channels " + std::to_string(out) + ", groups " + std::to_string(groups));
  if (in % groups || out % groups)
    throw error(std::to_string(groups) + " groups do not divide in_channels " + std::to_string(in) + " and out_channels " + std::to_string(out));
  for (int64_t k : options.kernel_size())
    if (k <= 0)
      throw error("expected a positive kernel_size, came " + tuple(options.kernel_size().vec()));
  if (transposed && (options.padding().kind != ConvPadding<D>::Kind::Amounts || options.padding_mode() != kZeros))
    throw error("expected a padding of numbers and padding_mode zeros");
  if (options.padding().kind == ConvPadding<D>::Kind::Same && !is(options.stride(), 1))
    throw error("padding \"same\" needs stride 1, came " + tuple(options.stride().vec()));
  if (!transposed && !is(options.output_padding(), 0))
    throw error("output_padding is for transposed convolutions, came " + tuple(options.output_padding().vec()));
  std::vector<int64_t> sizes = transposed ? std::vector<int64_t>{in, out / groups} : std::vector<int64_t>{out, in / groups};
  sizes.insert(sizes.end(), options.kernel_size().begin(), options.kernel_size().end());
  weight = this->register_parameter("weight", tenon::empty(sizes));
  bias = this->register_parameter("bias", options.bias() ? tenon::empty({out}) : Tensor());
  reset_parameters();
}

template <std::size_t D, bool transposed, typename Derived> void ConvNdImpl<D, transposed, Derived>::reset_parameters() {
  init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (bias.defined()) {
    double bound = 1.0 / std::sqrt(static_cast<double>(std::get<0>(init::_calculate_fan_in_and_fan_out(weight))));
    init::uniform_(bias, -bound, bound);
  }
}

template <std::size_t D, bool transposed, typename Derived>
Tensor ConvNdImpl<D, transposed, Derived>::forward(const Tensor &x, Location loc) const {
  std::string path = this->path();
  tenon::detail::Convolution c{(path.empty() ? "" : path + ": ") + (transposed ? "conv_transpose" : "conv") + std::to_string(D) + "d",
                               D,
                               options.stride().vec(),
                               options.dilation().vec(),
                               options.padding().amounts.vec(),
                               options.output_padding().vec(),
                               options.padding().kind == ConvPadding<D>::Kind::Same,
                               transposed,
                               options.groups()};
  if (options.padding_mode() == kZeros || !x.defined() || x.dim() < static_cast<int64_t>(D) + 1)
    return tenon::detail::convolution(c, x, weight, bias, loc);
  std::vector<int64_t> low = c.padding, high = c.padding;
  for (std::size_t d = 0; c.same && d < D; ++d) {
    int64_t total = c.dilation[d] * (options.kernel_size()[d] - 1);
    low[d] = total / 2, high[d] = total - low[d];
  }
  c.same = false, c.padding.assign(D, 0);
  return tenon::detail::convolution(c, tenon::detail::pad_ends(c.op, x, low, high, options.padding_mode(), loc), weight, bias, loc);
}

template <std::size_t D, bool transposed, typename Derived> void ConvNdImpl<D, transposed, Derived>::pretty_print(std::ostream &stream) const {
  using Kind = typename ConvPadding<D>::Kind;
  const ConvPadding<D> &padding = options.padding();
  stream << (transposed ? "ConvTranspose" : "Conv") << D << "d(" << options.in_channels() << ", " << options.out_channels() << ", kernel_size=" << tuple(options.kernel_size().vec())
         << ", stride=" << tuple(options.stride().vec());
  if (padding.kind != Kind::Amounts)
    stream << ", padding=" << (padding.kind == Kind::Same ? "same" : "valid");
  else if (!is(padding.amounts, 0))
    stream << ", padding=" << tuple(padding.amounts.vec());
  if (!is(options.dilation(), 1))
    stream << ", dilation=" << tuple(options.dilation().vec());
  if (!is(options.output_padding(), 0))
    stream << ", output_padding=" << tuple(options.output_padding().vec());
  if (options.groups() != 1)
    stream << ", groups=" << options.groups();
  if (!options.bias())
    stream << ", bias=False";
  const char *modes[] = {"zeros", "reflect", "replicate", "circular"};
  if (options.padding_mode() != kZeros)
    stream << ", padding_mode=" << modes[static_cast<int>(options.padding_mode())];
  stream << ")";
}

template class ConvNdImpl<1, false, Conv1dImpl>;
template class ConvNdImpl<2, false, Conv2dImpl>;
template class ConvNdImpl<3, false, Conv3dImpl>;
template class ConvNdImpl<1, true, ConvTranspose1dImpl>;
template class ConvNdImpl<2, true, ConvTranspose2dImpl>;
template class ConvNdImpl<3, true, ConvTranspose3dImpl>;

} // namespace tenon::nn
