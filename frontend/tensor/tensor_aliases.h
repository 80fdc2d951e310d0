// Methods of Tensor: the names that ATen has beside the shorter ones. tensor.h includes this inside of the class.
#define TENON_UNARY_ALIASES(X)                                                                                                              \
  X(absolute, abs) X(negative, neg) X(fix, trunc) X(sgn, sign) X(arccos, acos) X(arcsin, asin) X(arctan, atan) X(arccosh, acosh) X(arcsinh, asinh) X(arctanh, atanh)
#define TENON_BINARY_ALIASES(X)                                                                                                             \
  X(multiply, mul) X(divide, div) X(true_divide, div) X(greater, gt) X(greater_equal, ge) X(less, lt) X(less_equal, le) X(not_equal, ne) X(arctan2, atan2)
#define X(alias, op)                                                                                                                        \
  Tensor alias(Location loc = Location::current()) const { return op(loc); }                                                                \
  Tensor alias##_(Location loc = Location::current()) const { return op##_(loc); }
  TENON_UNARY_ALIASES(X)
#undef X
#define X(alias, op)                                                                                                                        \
  Tensor alias(Operand other) const { return op(other); }                                                                                   \
  Tensor alias##_(Operand other) const { return op##_(other); }
  TENON_BINARY_ALIASES(X)
#undef X
  Tensor subtract(Operand other, Scalar alpha = 1) const { return sub(other, alpha); }
  Tensor subtract_(Operand other, Scalar alpha = 1) const { return sub_(other, alpha); }
  Tensor positive(Location = Location::current()) const { return *this; }
  Tensor rad2deg(Location loc = Location::current()) const { return mul({57.29577951308232, loc}); }
  Tensor deg2rad(Location loc = Location::current()) const { return mul({0.017453292519943295, loc}); }
