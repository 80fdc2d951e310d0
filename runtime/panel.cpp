// The layout of state inside: row-major, or panels [ceil(rows / panel)][columns][panel], the last one padded with zeros.
#include "runtime/state.h"
#include <string.h>

namespace tenon::rt {

// Calls copy(inside, outside) for each element: byte offsets.
template <class Copy> static void forEachElement(const tenon_entry_layout &l, Copy copy) {
  size_t width = tenon_type_bytes(l.type), panel = l.panel;
  for (uint64_t first = 0; first < l.rows; first += panel) {
    uint64_t rows = l.rows - first < panel ? l.rows - first : panel;
    for (uint64_t column = 0; column < l.columns; ++column)
      for (uint64_t row = 0; row < rows; ++row)
        copy((first * l.columns + column * panel + row) * width, ((first + row) * l.columns + column) * width);
  }
}

// The element's width is a constant in each copy.
template <class Copy> static void withWidth(const tenon_entry_layout &l, Copy copy) {
  switch (tenon_type_bytes(l.type)) {
  case 1:
    return forEachElement(l, [&](size_t in, size_t out) { copy(in, out, std::integral_constant<size_t, 1>()); });
  case 2:
    return forEachElement(l, [&](size_t in, size_t out) { copy(in, out, std::integral_constant<size_t, 2>()); });
  case 4:
    return forEachElement(l, [&](size_t in, size_t out) { copy(in, out, std::integral_constant<size_t, 4>()); });
  default:
    return forEachElement(l, [&](size_t in, size_t out) { copy(in, out, std::integral_constant<size_t, 8>()); });
  }
}

void copyIn(const tenon_entry_layout &l, void *inside, const void *tensor) {
  if (!l.panel)
    return void(l.bytes && memcpy(inside, tensor, l.bytes));
  if (l.rows % l.panel)
    memset(inside, 0, l.stored);
  withWidth(l, [&](size_t in, size_t out, auto width) {
    memcpy(static_cast<char *>(inside) + in, static_cast<const char *>(tensor) + out, width);
  });
}

void copyOut(const tenon_entry_layout &l, const void *inside, void *tensor) {
  if (!l.panel)
    return void(l.bytes && memcpy(tensor, inside, l.bytes));
  withWidth(l, [&](size_t in, size_t out, auto width) {
    memcpy(static_cast<char *>(tensor) + out, static_cast<const char *>(inside) + in, width);
  });
}

} // namespace tenon::rt
