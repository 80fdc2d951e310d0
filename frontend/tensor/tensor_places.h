// Methods of Tensor: places that are data, and order. tensor.h includes this inside of the class.
  // -- Places that are data: indices are int64 or int32; one that does not exist makes the step fail, naming this line -----
  /// out[i][j] = x[index[i][j]][j] for dim 0; index has x's rank and is nowhere larger but along dim.
  Tensor gather(int64_t dim, const Tensor &index, Location loc = Location::current()) const;
  /// As gather, where the other axes broadcast and negative indices count from the end; without dim: of the flat tensor.
  Tensor take_along_dim(const Tensor &indices, std::optional<int64_t> dim = std::nullopt, Location loc = Location::current()) const;
  Tensor index_select(int64_t dim, const Tensor &index, Location loc = Location::current()) const;
  /// Elements of the flat tensor; negative indices count from the end.
  Tensor take(const Tensor &index, Location loc = Location::current()) const;
  /// x with x[index[i][j]][j] = src[i][j] for dim 0; of several the last one stays.
  Tensor scatter(int64_t dim, const Tensor &index, Operand src, Location loc = Location::current()) const;
  Tensor scatter_(int64_t dim, const Tensor &index, Operand src, Location loc = Location::current()) const;
  Tensor scatter_add(int64_t dim, const Tensor &index, const Tensor &src, Location loc = Location::current()) const;
  Tensor scatter_add_(int64_t dim, const Tensor &index, const Tensor &src, Location loc = Location::current()) const;
  /// `reduce`: "sum", "mean", "amax" or "amin".
  Tensor scatter_reduce(int64_t dim, const Tensor &index, const Tensor &src, const std::string &reduce, bool include_self = true, Location loc = Location::current()) const;
  Tensor scatter_reduce_(int64_t dim, const Tensor &index, const Tensor &src, const std::string &reduce, bool include_self = true, Location loc = Location::current()) const;
  /// Slices of `source` along dim are added to x's, or take their place, at the indices.
  Tensor index_add(int64_t dim, const Tensor &index, const Tensor &source, Scalar alpha = 1, Location loc = Location::current()) const;
  Tensor index_add_(int64_t dim, const Tensor &index, const Tensor &source, Scalar alpha = 1, Location loc = Location::current()) const;
  Tensor index_copy(int64_t dim, const Tensor &index, const Tensor &source, Location loc = Location::current()) const;
  Tensor index_copy_(int64_t dim, const Tensor &index, const Tensor &source, Location loc = Location::current()) const;
  Tensor index_fill(int64_t dim, const Tensor &index, Operand value, Location loc = Location::current()) const;
  Tensor index_fill_(int64_t dim, const Tensor &index, Operand value, Location loc = Location::current()) const;
  /// x with the elements of `source`, in order, where the mask is set; of fewer than are set the step fails.
  Tensor masked_scatter(const Tensor &mask, const Tensor &source, Location loc = Location::current()) const;
  Tensor masked_scatter_(const Tensor &mask, const Tensor &source, Location loc = Location::current()) const;
  /// x with `source` at places of the flat tensor (negative ones count from the end), or added there.
  Tensor put(const Tensor &index, const Tensor &source, bool accumulate = false, Location loc = Location::current()) const;
  Tensor put_(const Tensor &index, const Tensor &source, bool accumulate = false, Location loc = Location::current()) const;
  /// x[...] of Python: see tenon::indexing. Tensors of indices broadcast; of flags they stand for the places that are set (not inside compile).
  Tensor index(const std::vector<indexing::TensorIndex> &indices, Location loc = Location::current()) const;
  /// x[...] = values, or += where `accumulate` (then values that meet add up).
  Tensor index_put_(const std::vector<indexing::TensorIndex> &indices, Operand values, bool accumulate = false, Location loc = Location::current()) const;
  Tensor index_put(const std::vector<indexing::TensorIndex> &indices, Operand values, bool accumulate = false, Location loc = Location::current()) const;
  /// Ones with these probabilities, zeros else; and indices drawn with them (see tenon::multinomial).
  Tensor bernoulli(Location loc = Location::current()) const;
  Tensor multinomial(int64_t num_samples, bool replacement = false, Location loc = Location::current()) const;
  /// The shape depends on data, which is read as by item(): refused inside compile.
  Tensor masked_select(const Tensor &mask, Location loc = Location::current()) const;
  /// [number of them, axes]: where the elements are that are not 0.
  Tensor nonzero(Location loc = Location::current()) const;
  Tensor argwhere(Location loc = Location::current()) const { return nonzero(loc); }
  /// The values that occur, ascending.
  Tensor unique(Location loc = Location::current()) const;

  // -- Order: NaN is larger than any number; equal elements keep their order -----------------------------------------------
  /// (values, indices)
  std::tuple<Tensor, Tensor> sort(int64_t dim = -1, bool descending = false, Location loc = Location::current()) const;
  Tensor argsort(int64_t dim = -1, bool descending = false, Location loc = Location::current()) const;
  std::tuple<Tensor, Tensor> topk(int64_t k, int64_t dim = -1, bool largest = true, bool sorted = true, Location loc = Location::current()) const;
  /// The k-th smallest, from 1.
  std::tuple<Tensor, Tensor> kthvalue(int64_t k, int64_t dim = -1, bool keepdim = false, Location loc = Location::current()) const;
  /// The lower of two; NaN where there is one.
  Tensor median(Location loc = Location::current()) const;
  std::tuple<Tensor, Tensor> median(int64_t dim, bool keepdim = false, Location loc = Location::current()) const;
  /// The lower median of what is not NaN; NaN where there is nothing else.
  Tensor nanmedian(Location loc = Location::current()) const;
  std::tuple<Tensor, Tensor> nanmedian(int64_t dim, bool keepdim = false, Location loc = Location::current()) const;
  /// (the commonest value, the lowest of several; a place where it is)
  std::tuple<Tensor, Tensor> mode(int64_t dim = -1, bool keepdim = false, Location loc = Location::current()) const;
  /// Sorted along the first dimension.
  Tensor msort(Location loc = Location::current()) const { return std::get<0>(sort(0, false, loc)); }
