// Tenon's runtime for C++: tenon.h with owners and exceptions, header only.
//
//   tenon::runtime::Model model("mlp.so");
//   tenon::runtime::State state(model);
//   tenon::runtime::Context context(model);
//   float loss;
//   context.call(state, "train_step", {{x.data(), {64, 784}}, {y.data(), {64}}}, {{&loss, {}}});
//
// Every function throws tenon::runtime::Error where tenon.h's returns a status. What tenon.h says of threads and lifetimes holds.
#pragma once
#include "tenon.h"
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace tenon::runtime {

/// What tenon_last_error() said, and the status.
class Error : public std::runtime_error {
public:
  Error(tenon_status status, const char *sentence) : std::runtime_error(sentence), status(status) {}
  tenon_status status;
};

inline void check(tenon_status status) {
  if (status != TENON_OK)
    throw Error(status, tenon_last_error());
}

template <class T> struct TypeOf;
template <> struct TypeOf<float> { static constexpr tenon_type value = TENON_FLOAT32; };
template <> struct TypeOf<double> { static constexpr tenon_type value = TENON_FLOAT64; };
template <> struct TypeOf<std::int32_t> { static constexpr tenon_type value = TENON_INT32; };
template <> struct TypeOf<std::int64_t> { static constexpr tenon_type value = TENON_INT64; };
template <> struct TypeOf<std::uint8_t> { static constexpr tenon_type value = TENON_UINT8; };
template <> struct TypeOf<bool> { static constexpr tenon_type value = TENON_BOOL; };

/// A tensor in memory of the caller's: pointer, element type, shape.
class Array {
public:
  template <class T> Array(T *data, std::vector<std::int64_t> shape) : Array(const_cast<std::remove_const_t<T> *>(data), TypeOf<std::remove_const_t<T>>::value, std::move(shape)) {}
  Array(void *data, tenon_type type, std::vector<std::int64_t> shape) : data_(data), type_(type), shape_(std::move(shape)) {}
  tenon_array get() const { return {data_, type_, static_cast<std::uint32_t>(shape_.size()), shape_.data()}; }

private:
  void *data_;
  tenon_type type_;
  std::vector<std::int64_t> shape_;
};

/// Owns one of the runtime's objects; moves, does not copy.
template <class T, void (*Free)(T *)> class Owner {
public:
  Owner() = default;
  Owner(Owner &&other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Owner &operator=(Owner &&other) noexcept { return std::swap(object_, other.object_), *this; }
  ~Owner() { Free(object_); }
  T *get() const { return object_; }

protected:
  T *object_ = nullptr;
};

class Model : public Owner<tenon_model, tenon_model_free> {
public:
  explicit Model(const std::string &path) { check(tenon_model_load(path.c_str(), &object_)); }
  tenon_model_info describe() const { return filled<tenon_model_info>(tenon_model_describe); }
  tenon_function_info function(std::uint32_t number) const { return filled<tenon_function_info>(tenon_function_describe, number); }
  tenon_tensor_info input(std::uint32_t function, std::uint32_t number) const { return filled<tenon_tensor_info>(tenon_input_describe, function, number); }
  tenon_tensor_info output(std::uint32_t function, std::uint32_t number) const { return filled<tenon_tensor_info>(tenon_output_describe, function, number); }
  tenon_state_info state(std::uint32_t entry) const { return filled<tenon_state_info>(tenon_state_describe, entry); }
  tenon_call_info call(std::uint32_t function, std::uint32_t number) const { return filled<tenon_call_info>(tenon_call_describe, function, number); }
  std::uint32_t images() const { return tenon_image_count(object_); }
  tenon_image_info image(std::uint32_t number) const { return filled<tenon_image_info>(tenon_image_describe, number); }
  std::uint32_t find(const std::string &name) const { return filled<std::uint32_t>(tenon_function_find, name.c_str()); }
  std::uint32_t findState(const std::string &name) const { return filled<std::uint32_t>(tenon_state_find, name.c_str()); }

private:
  template <class Info, class Function, class... Arguments> Info filled(Function function, Arguments... arguments) const {
    Info info;
    check(function(object_, arguments..., &info));
    return info;
  }
};

class State : public Owner<tenon_state, tenon_state_free> {
public:
  /// Device 0 is the CPU, 1 + n is CUDA GPU n.
  explicit State(const Model &model, std::uint32_t device = 0) { check(tenon_state_create_on(model.get(), device, &object_)); }
  template <class T> std::vector<T> values(const std::string &name, std::size_t elements) const {
    std::vector<T> result(elements);
    check(tenon_state_get(object_, name.c_str(), result.data(), elements * sizeof(T)));
    return result;
  }
  template <class T> void set(const std::string &name, const std::vector<T> &values) {
    check(tenon_state_set(object_, name.c_str(), values.data(), values.size() * sizeof(T)));
  }
  void bind(std::uint32_t entry, void *data) { check(tenon_state_bind(object_, entry, data)); }
  void save(const std::string &path) const { check(tenon_state_save(object_, path.c_str())); }
  void load(const std::string &path) { check(tenon_state_load(object_, path.c_str())); }
};

class Context : public Owner<tenon_context, tenon_context_free> {
public:
  explicit Context(const Model &model, tenon_options options = {}) { check(tenon_context_create(model.get(), &options, &object_)); }
  /// The checked call; the variant follows from the inputs' shapes.
  void call(const State &state, const std::string &name, const std::vector<Array> &inputs, const std::vector<Array> &outputs) {
    std::vector<tenon_array> in, out;
    for (const Array &a : inputs)
      in.push_back(a.get());
    for (const Array &a : outputs)
      out.push_back(a.get());
    check(tenon_call(object_, state.get(), name.c_str(), in.data(), in.size(), out.data(), out.size()));
  }
  /// The fast path.
  void run(const State &state, std::uint32_t function, const void *const *inputs, void *const *outputs) {
    if (tenon_status status = tenon_run(object_, state.get(), function, inputs, outputs))
      check(status);
  }
  /// The inputs of a later run set out for the GPU.
  void prefetch(std::uint32_t function, const void *const *inputs) { check(tenon_prefetch(object_, function, inputs)); }
  std::uint32_t threads() const { return tenon_context_threads(object_); }
  std::vector<tenon_profile> profile() const {
    std::vector<tenon_profile> rows(tenon_profile_count(object_));
    for (std::size_t i = 0; i < rows.size(); ++i)
      check(tenon_profile_get(object_, i, &rows[i]));
    return rows;
  }
};

/// A safetensors file in memory.
class File : public Owner<tenon_file, tenon_file_free> {
public:
  explicit File(const std::string &path) { check(tenon_file_read(path.c_str(), &object_)); }
  std::size_t size() const { return tenon_file_count(object_); }
  const tenon_named_array &operator[](std::size_t i) const { return *tenon_file_get(object_, i); }
};

} // namespace tenon::runtime
