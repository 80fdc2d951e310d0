// How the ops of a family are called: one table per family, registered before main() by a `const parity::Family`.
#pragma once
#include "cases.h"

#include <functional>
#include <map>

namespace parity {

/// A callable on (inputs, options) that returns a tensor, a list or a tuple of tensors.
struct Op {
  template <class F>
    requires std::invocable<F, const tenon::TensorList &, const Json &>
  Op(F f)
      : call([f](const tenon::TensorList &in, const Json &o) -> tenon::TensorList {
          if constexpr (std::is_same_v<std::invoke_result_t<F, const tenon::TensorList &, const Json &>, Op>)
            return f(in, o).call(in, o);
          else
            return tenon::detail::flatten_result(f(in, o));
        }) {}
  std::function<tenon::TensorList(const tenon::TensorList &, const Json &)> call;
};

using Ops = std::map<std::string, Op>;

/// All families of this program by name; ops/NAME.json holds the cases of NAME.
inline std::map<std::string, Ops> &families() {
  static std::map<std::string, Ops> all;
  return all;
}

struct Family {
  Family(const std::string &name, Ops ops) { families()[name] = std::move(ops); }
};

} // namespace parity
