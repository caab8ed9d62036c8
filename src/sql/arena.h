// Memory that is given out in order and freed all at once.
//
// Only trivially destructible things may live in it: no destructor is ever run. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace layergate::sql {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  template <typename T>
  T* New() {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (Take(sizeof(T), alignof(T))) T();
  }

  // Room for `count` of them; the caller fills it.
  template <typename T>
  T* NewArray(size_t count) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    return static_cast<T*>(Take(count * sizeof(T), alignof(T)));
  }

  // A copy of `items` that lives in the arena; empty for none.
  template <typename T>
  std::span<const T> Copy(std::span<const T> items) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    if (items.empty()) return {};
    T* place = NewArray<T>(items.size());
    std::memcpy(static_cast<void*>(place), items.data(), items.size_bytes());
    return {place, items.size()};
  }

  std::string_view CopyText(std::string_view text) {
    if (text.empty()) return {};
    char* place = static_cast<char*>(Take(text.size(), 1));
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
  }

 private:
  static constexpr size_t kFirstBlock = size_t{16} << 10;
  static constexpr size_t kLargestBlock = size_t{1} << 20;

  void* Take(size_t size, size_t alignment) {
    size_t start = (used_ + alignment - 1) & ~(alignment - 1);
    if (start + size > size_) return TakeFromNewBlock(size);
    used_ = start + size;
    return block_ + start;
  }

  void* TakeFromNewBlock(size_t size) {
    size_t next = size_ == 0 ? kFirstBlock : size_ * 2;
    size_ = next > kLargestBlock ? kLargestBlock : next;
    if (size_ < size) size_ = size;
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(size_));
    block_ = blocks_.back().get();
    used_ = size;
    return block_;
  }

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* block_ = nullptr;
  size_t used_ = 0;
  size_t size_ = 0;
};

}  // namespace layergate::sql
