// Module: the base of every layer and network: named parameters, buffers and submodules, a mode, and what can be done to all of them.
#pragma once
#include <tenon/nn/hooks.h>
#include <tenon/ordered_dict.h>

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tenon::nn {

template <typename Contained> class ModuleHolder;
namespace detail {
struct Computed;
}

class Module : public std::enable_shared_from_this<Module> {
public:
  using ModuleApplyFunction = std::function<void(Module &)>;
  using ConstModuleApplyFunction = std::function<void(const Module &)>;
  using NamedModuleApplyFunction = std::function<void(const std::string &, Module &)>;

  Module();
  explicit Module(std::string name);
  /// A copy shares tensors and submodules, but has a place and a mode of its own.
  Module(const Module &other);
  Module &operator=(const Module &other);
  virtual ~Module() = default;

  /// A deep copy; only classes derived from Cloneable have one.
  virtual std::shared_ptr<Module> clone(const std::optional<Device> &device = std::nullopt) const;

  /// The class's name without Impl, or the name given when constructed.
  const std::string &name() const;
  /// Its place in the tree of modules it was first registered in, "features.3"; empty for a root.
  std::string path() const;

  // -- What it is made of. Names must not be empty, hold a dot, or be taken. --

  Tensor &register_parameter(std::string name, Tensor tensor, bool requires_grad = true,
                             Location loc = Location::current());
  Tensor &register_buffer(std::string name, Tensor tensor, Location loc = Location::current());
  template <typename M>
  std::shared_ptr<M> register_module(std::string name, std::shared_ptr<M> module,
                                     Location loc = Location::current()) {
    add_child(std::move(name), module, loc);
    return module;
  }
  template <typename M>
  std::shared_ptr<M> register_module(std::string name, ModuleHolder<M> holder, Location loc = Location::current());
  template <typename M>
  std::shared_ptr<M> replace_module(const std::string &name, std::shared_ptr<M> module,
                                    Location loc = Location::current()) {
    unregister_module(name, loc);
    return register_module(name, std::move(module), loc);
  }
  template <typename M>
  std::shared_ptr<M> replace_module(const std::string &name, ModuleHolder<M> holder,
                                    Location loc = Location::current());
  void unregister_module(const std::string &name, Location loc = Location::current());

  /// Parameters and buffers by dotted name; one that several modules share appears once, under its first name.
  std::vector<Tensor> parameters(bool recurse = true) const { return named_parameters(recurse).values(); }
  OrderedDict<std::string, Tensor> named_parameters(bool recurse = true) const;
  std::vector<Tensor> buffers(bool recurse = true) const { return named_buffers(recurse).values(); }
  OrderedDict<std::string, Tensor> named_buffers(bool recurse = true) const;
  std::vector<std::shared_ptr<Module>> modules(bool include_self = true) const;
  OrderedDict<std::string, std::shared_ptr<Module>> named_modules(const std::string &name_prefix = {}, bool include_self = true) const;
  std::vector<std::shared_ptr<Module>> children() const { return children_.values(); }
  OrderedDict<std::string, std::shared_ptr<Module>> named_children() const { return children_; }

  // -- What is done to all of it --

  /// Calls `function` on this module and every one below it, each before those below it.
  void apply(const ModuleApplyFunction &function);
  void apply(const ConstModuleApplyFunction &function) const;
  void apply(const NamedModuleApplyFunction &function, const std::string &name_prefix = {});

  virtual void train(bool on = true);
  void eval() { train(false); }
  /// Inside tenon::compile the answer is guarded: another mode at a later call records another variant.
  virtual bool is_training() const;

  /// Converts parameters and buffers of floating point; the tensors stay the same ones, so an optimizer keeps them.
  virtual void to(Dtype dtype, bool non_blocking = false, Location loc = Location::current());
  virtual void to(Device device, bool non_blocking = false, Location loc = Location::current());
  virtual void to(Device device, Dtype dtype, bool non_blocking = false, Location loc = Location::current());
  virtual void zero_grad(bool set_to_none = true);

  /// Parameters and buffers by name: handles, not copies.
  OrderedDict<std::string, Tensor> state_dict() const;
  /// Copies values in. Throws Error naming every missing, unexpected (unless not `strict`) and misshapen entry before it changes any.
  void load_state_dict(const OrderedDict<std::string, Tensor> &state, bool strict = true,
                       Location loc = Location::current());

  // -- Hooks. They run where the module is called, net(x), or by a Sequential, and not by forward(); in the order in which they were registered;
  // inside tenon::compile when the call is recorded. Copies of a module have none. --

  /// hook(Module &, const TensorList &inputs) before forward(); it returns nothing, a Tensor or a TensorList: the inputs to go on with.
  template <class Hook> RemovableHandle register_forward_pre_hook(Hook hook) {
    return add_hook(&detail::Hooks::pre, detail::PreHook([hook](Module &m, const TensorList &in) mutable { return detail::hook_result([&] { return hook(m, in); }); }));
  }
  /// hook(Module &, const TensorList &inputs, output), the output a Tensor, or a TensorList of all that forward() returned.
  template <class Hook> RemovableHandle register_forward_hook(Hook hook) {
    return add_hook(&detail::Hooks::forward, detail::BothHook([hook](Module &m, const TensorList &in, const TensorList &out) mutable {
                      return detail::hook_result([&] {
                        if constexpr (std::is_invocable_v<Hook &, Module &, const TensorList &, const Tensor &>)
                          return hook(m, in, out[0]);
                        else
                          return hook(m, in, out);
                      });
                    }));
  }
  /// hook(Module &, const TensorList &grad_inputs, const TensorList &grad_outputs) once gradients of the inputs are known (undefined for inputs
  /// without one); it may return other gradients of the inputs. A number asked for there is an error.
  template <class Hook> RemovableHandle register_full_backward_hook(Hook hook) {
    return add_hook(&detail::Hooks::backward, detail::BothHook([hook](Module &m, const TensorList &in, const TensorList &out) mutable {
                      return detail::hook_result([&] { return hook(m, in, out); });
                    }));
  }
  /// Null: none.
  const std::shared_ptr<detail::Hooks> &hooks() const { return hooks_; }

  template <typename M> auto *as() noexcept { return dynamic_cast<contained_t<M> *>(this); }
  template <typename M> const auto *as() const noexcept { return dynamic_cast<const contained_t<M> *>(this); }

  /// One line: the name and the options.
  virtual void pretty_print(std::ostream &stream) const;
  friend std::ostream &operator<<(std::ostream &stream, const Module &module);

private:
  template <typename M> struct Contains {
    using type = M;
  };
  template <typename M>
    requires requires { typename M::ContainedType; }
  struct Contains<M> {
    using type = typename M::ContainedType;
  };
  template <typename M> using contained_t = typename Contains<M>::type;

  template <typename Derived, typename Base> friend class Cloneable;
  /// Where a module is in the tree: what state names are made of. It outlives the module while its parameters live.
  struct Place {
    std::string name;              // in the parent
    std::shared_ptr<Place> parent; // null: a root
    std::string root;              // the name of a root's class
  };
  friend struct detail::Computed;
  void name_state(const std::string &name, const Tensor &tensor) const;
  void copy_values(const Module &from, const std::optional<Device> &device);
  /// A copy of `from` that shares nothing with it: `reset` makes its members anew. Not in clone() itself, which every program would compile for every layer.
  static std::shared_ptr<Module> adopt(Module *copy, void (*reset)(Module &), const Module &from, const std::optional<Device> &device);
  void add_child(std::string name, std::shared_ptr<Module> module, Location loc);
  void check_name(const char *kind, const std::string &name, Location loc) const;
  void print(std::ostream &stream, const std::string &indentation) const;
  /// Calls `visit` with this module and those below it, each with its dotted name.
  template <typename Self, typename Visit> static void walk(Self &self, const std::string &name, Visit &&visit);
  template <typename Convert> void convert(Convert &&convert);

  template <class Map, class Hook> RemovableHandle add_hook(Map detail::Hooks::*kind, Hook hook) {
    if (!hooks_)
      hooks_ = std::make_shared<detail::Hooks>();
    unsigned number = hooks_->next++;
    ((*hooks_).*kind)[number] = std::move(hook);
    return RemovableHandle([hooks = std::weak_ptr(hooks_), kind, number] {
      if (auto h = hooks.lock())
        ((*h).*kind).erase(number);
    });
  }
  std::shared_ptr<detail::Hooks> hooks_;
  mutable std::string name_;
  OrderedDict<std::string, Tensor> parameters_{"Parameter"}, buffers_{"Buffer"};
  OrderedDict<std::string, std::shared_ptr<Module>> children_{"Submodule"};
  std::vector<std::shared_ptr<detail::Computed>> computed_; // what nn::utils computes of parameters before every call
  std::shared_ptr<Place> place_;
  std::shared_ptr<bool> is_training_; // read by the guards of compiled functions
};

/// A module that can make a deep copy of itself: derive as `struct NetImpl : Cloneable<NetImpl>` and register everything in reset().
/// `Base` is Module, or a class derived from it that several layers share.
template <typename Derived, typename Base = Module> class Cloneable : public Base {
public:
  using Base::Base;
  /// Makes and registers all parameters, buffers and submodules.
  virtual void reset() = 0;
  std::shared_ptr<Module> clone(const std::optional<Device> &device = std::nullopt) const override {
    return Module::adopt(new Derived(static_cast<const Derived &>(*this)), [](Module &copy) { static_cast<Derived &>(copy).reset(); }, *this, device);
  }
};

} // namespace tenon::nn
