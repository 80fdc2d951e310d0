// Methods of Tensor: views, and elements arranged anew. tensor.h includes this inside of the class.
  // -- Shape: views alias their base ------------------------------------------------------------------------------------
  Tensor view(IntArrayRef sizes, Location loc = Location::current()) const;
  Tensor view_as(const Tensor &o, Location loc = Location::current()) const { return view(o.sizes(), loc); }
  Tensor reshape(IntArrayRef sizes, Location loc = Location::current()) const { return view(sizes, loc); }
  Tensor reshape_as(const Tensor &o, Location loc = Location::current()) const { return view(o.sizes(), loc); }
  Tensor flatten(int64_t start_dim = 0, int64_t end_dim = -1, Location loc = Location::current()) const;
  Tensor squeeze(Location loc = Location::current()) const;
  Tensor squeeze(int64_t dim, Location loc = Location::current()) const;
  Tensor unsqueeze(int64_t dim, Location loc = Location::current()) const;
  Tensor transpose(int64_t dim0, int64_t dim1, Location loc = Location::current()) const;
  Tensor t(Location loc = Location::current()) const;
  Tensor mT(Location loc = Location::current()) const { return transpose(-2, -1, loc); }
  Tensor permute(IntArrayRef dims, Location loc = Location::current()) const;
  Tensor expand(IntArrayRef sizes, Location loc = Location::current()) const;
  Tensor expand_as(const Tensor &o, Location loc = Location::current()) const { return expand(o.sizes(), loc); }
  Tensor broadcast_to(IntArrayRef sizes, Location loc = Location::current()) const { return expand(sizes, loc); }
  Tensor slice(int64_t dim = 0, std::optional<int64_t> start = std::nullopt, std::optional<int64_t> end = std::nullopt, int64_t step = 1,
               Location loc = Location::current()) const;
  Tensor narrow_copy(int64_t dim, int64_t start, int64_t length, Location loc = Location::current()) const { return narrow(dim, start, length, loc).clone(loc); }
  Tensor narrow(int64_t dim, int64_t start, int64_t length, Location loc = Location::current()) const;
  Tensor select(int64_t dim, int64_t index, Location loc = Location::current()) const;
  Tensor operator[](Index index) const { return select(0, index.value, index.location); }
  TensorList unbind(int64_t dim = 0, Location loc = Location::current()) const;
  TensorList split(int64_t split_size, int64_t dim = 0, Location loc = Location::current()) const;
  TensorList chunk(int64_t chunks, int64_t dim = 0, Location loc = Location::current()) const;
  Tensor flip(IntArrayRef dims, Location loc = Location::current()) const;
  Tensor fliplr(Location loc = Location::current()) const { return flip({1}, loc); }
  Tensor flipud(Location loc = Location::current()) const { return flip({0}, loc); }
  Tensor squeeze(IntArrayRef dims, Location loc = Location::current()) const;
  Tensor unflatten(int64_t dim, IntArrayRef sizes, Location loc = Location::current()) const;
  Tensor movedim(IntArrayRef source, IntArrayRef destination, Location loc = Location::current()) const;
  Tensor moveaxis(IntArrayRef source, IntArrayRef destination, Location loc = Location::current()) const { return movedim(source, destination, loc); }
  Tensor swapaxes(int64_t a, int64_t b, Location loc = Location::current()) const { return transpose(a, b, loc); }
  Tensor swapdims(int64_t a, int64_t b, Location loc = Location::current()) const { return transpose(a, b, loc); }
  /// Parts of these sizes, which add up to the dimension's.
  TensorList split(IntArrayRef sizes, int64_t dim = 0, Location loc = Location::current()) const;
  TensorList split_with_sizes(IntArrayRef sizes, int64_t dim = 0, Location loc = Location::current()) const { return split(sizes, dim, loc); }
  /// Parts whose sizes differ by one at most.
  TensorList tensor_split(int64_t sections, int64_t dim = 0, Location loc = Location::current()) const;
  /// Parts that end before these indices.
  TensorList tensor_split(IntArrayRef indices, int64_t dim = 0, Location loc = Location::current()) const;
  /// Equal parts (or parts that end before these indices) side by side, below each other, behind each other.
  TensorList hsplit(int64_t sections, Location loc = Location::current()) const;
  TensorList hsplit(IntArrayRef indices, Location loc = Location::current()) const;
  TensorList vsplit(int64_t sections, Location loc = Location::current()) const;
  TensorList vsplit(IntArrayRef indices, Location loc = Location::current()) const;
  TensorList dsplit(int64_t sections, Location loc = Location::current()) const;
  TensorList dsplit(IntArrayRef indices, Location loc = Location::current()) const;
  /// A copy in which `src` stands where select, slice, diagonal would read.
  Tensor select_scatter(const Tensor &src, int64_t dim, int64_t index, Location loc = Location::current()) const;
  Tensor slice_scatter(const Tensor &src, int64_t dim = 0, std::optional<int64_t> start = std::nullopt, std::optional<int64_t> end = std::nullopt, int64_t step = 1,
                       Location loc = Location::current()) const;
  Tensor diagonal_scatter(const Tensor &src, int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1, Location loc = Location::current()) const;
  /// Summed down to a shape that broadcasts to this one.
  Tensor sum_to_size(IntArrayRef sizes, Location loc = Location::current()) const;
  Tensor adjoint(Location loc = Location::current()) const { return mT(loc); }
  Tensor mH(Location loc = Location::current()) const { return mT(loc); }
  Tensor ravel(Location loc = Location::current()) const { return flatten(0, -1, loc); }
  /// Windows of `size` elements, `step` apart, as a new last dimension.
  Tensor unfold(int64_t dim, int64_t size, int64_t step, Location loc = Location::current()) const;
  /// Turned k times by a quarter, from the first of two dimensions to the second.
  Tensor rot90(int64_t k = 1, IntArrayRef dims = {0, 1}, Location loc = Location::current()) const;
  /// Elements shifted, those that leave come back at the other end; no dims: of the flattened tensor.
  Tensor roll(IntArrayRef shifts, IntArrayRef dims = {}, Location loc = Location::current()) const;
  /// The whole tensor repeated; repeat needs a number per dimension, tile fills with ones on either side.
  Tensor repeat(IntArrayRef repeats, Location loc = Location::current()) const;
  Tensor tile(IntArrayRef repeats, Location loc = Location::current()) const;
  /// Every element `repeats` times in a row; no dim: of the flattened tensor.
  Tensor repeat_interleave(int64_t repeats, std::optional<int64_t> dim = std::nullopt, Location loc = Location::current()) const;
  /// A view of the elements (i, i + offset) of two dimensions, as a last dimension.
  Tensor diagonal(int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1, Location loc = Location::current()) const;
  /// Of a matrix its diagonal, of a vector the matrix with it.
  Tensor diag(int64_t diagonal = 0, Location loc = Location::current()) const;
  /// All elements as the diagonal of a matrix.
  Tensor diagflat(int64_t offset = 0, Location loc = Location::current()) const { return flatten(0, -1, loc).diag_embed(offset, 0, 1, loc); }
  /// The last dimension as a diagonal of two new ones.
  Tensor diag_embed(int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1, Location loc = Location::current()) const;
  /// The lower and the upper triangle of the last two dimensions, zeros elsewhere.
  Tensor tril(int64_t diagonal = 0, Location loc = Location::current()) const;
  Tensor triu(int64_t diagonal = 0, Location loc = Location::current()) const;
