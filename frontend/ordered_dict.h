// OrderedDict: a dictionary that remembers the order of insertion; what named_parameters() and its kind return.
#pragma once
#include <tenon/tensor/tensor.h>

#include <initializer_list>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tenon {

template <typename Key, typename Value> class OrderedDict {
public:
  /// A pair of key and value that also acts as a pointer to its value.
  class Item {
  public:
    Item(Key key, Value value) : pair_(std::move(key), std::move(value)) {}
    Value &operator*() { return value(); }
    const Value &operator*() const { return value(); }
    Value *operator->() { return &value(); }
    const Value *operator->() const { return &value(); }
    const Key &key() const noexcept { return pair_.first; }
    Value &value() noexcept { return pair_.second; }
    const Value &value() const noexcept { return pair_.second; }
    const std::pair<Key, Value> &pair() const noexcept { return pair_; }

  private:
    std::pair<Key, Value> pair_;
  };
  using Iterator = typename std::vector<Item>::iterator;
  using ConstIterator = typename std::vector<Item>::const_iterator;

  /// `key_description` names the keys in errors: "Parameter 'weight' is not defined".
  explicit OrderedDict(std::string key_description = "Key") : key_description_(std::move(key_description)) {}
  OrderedDict(std::initializer_list<std::pair<Key, Value>> items) : OrderedDict() {
    for (const auto &[key, value] : items)
      insert(key, value);
  }

  Iterator begin() { return items_.begin(); }
  Iterator end() { return items_.end(); }
  ConstIterator begin() const { return items_.begin(); }
  ConstIterator end() const { return items_.end(); }
  Item &front() { return items_.front(); }
  Item &back() { return items_.back(); }
  size_t size() const noexcept { return items_.size(); }
  bool is_empty() const noexcept { return items_.empty(); }
  const std::string &key_description() const noexcept { return key_description_; }
  const std::vector<Item> &items() const noexcept { return items_; }

  /// Throws Error when the key is there already.
  Value &insert(Key key, Value value) {
    if (contains(key))
      throw Error(key_description_ + " '" + key + "' already defined");
    index_.emplace(key, items_.size());
    items_.emplace_back(std::move(key), std::move(value));
    return items_.back().value();
  }
  void update(const OrderedDict &other) {
    for (const Item &item : other)
      insert(item.key(), item.value());
  }
  Value *find(const Key &key) noexcept {
    auto it = index_.find(key);
    return it == index_.end() ? nullptr : &items_[it->second].value();
  }
  const Value *find(const Key &key) const noexcept { return const_cast<OrderedDict *>(this)->find(key); }
  bool contains(const Key &key) const noexcept { return find(key); }
  /// Throws Error when the key is missing.
  Value &operator[](const Key &key) {
    if (Value *value = find(key))
      return *value;
    throw Error(key_description_ + " '" + key + "' is not defined");
  }
  const Value &operator[](const Key &key) const { return const_cast<OrderedDict &>(*this)[key]; }
  Item &operator[](size_t i) { return items_.at(i); }
  const Item &operator[](size_t i) const { return items_.at(i); }
  void erase(const Key &key) {
    (*this)[key];
    size_t at = index_[key];
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(at));
    index_.erase(key);
    for (auto &entry : index_)
      entry.second -= entry.second > at;
  }
  void clear() {
    items_.clear();
    index_.clear();
  }
  std::vector<Key> keys() const {
    std::vector<Key> result;
    for (const Item &item : items_)
      result.push_back(item.key());
    return result;
  }
  std::vector<Value> values() const {
    std::vector<Value> result;
    for (const Item &item : items_)
      result.push_back(item.value());
    return result;
  }
  std::vector<std::pair<Key, Value>> pairs() const {
    std::vector<std::pair<Key, Value>> result;
    for (const Item &item : items_)
      result.push_back(item.pair());
    return result;
  }

private:
  std::string key_description_;
  std::vector<Item> items_;
  std::unordered_map<Key, size_t> index_;
};

} // namespace tenon
