"""The bugs that are planted: (program, its kernel, what is wrong, pattern, replacement[, which occurrence]) over the text of one kernel; kernel: a pattern of the comment
above it, or the name of one of the prelude's. PRELUDE: over the functions before all kernels, seen by the kernel that is named."""

BARRIER, NOTHING = r"__syncthreads\(\);", ";"
ALL = None


def less(m):
    return m[1] + str(int(m[2]) - 1)


def more(m):
    return m[1] + str(int(m[2]) + 1)


KERNELS = [
    # elementwise
    ("elementwise", r"map\[37x30\]", "no barrier before other threads' elements are read", BARRIER, NOTHING),
    ("elementwise", r"map\[37x30\]", "the last element is left out", r"(< )(1110)(?=; )", less),
    ("elementwise", r"map\[37x30\]", "every other stride is left out", r"\+= 256\)", "+= 512)"),
    ("elementwise", r"map\[37x30\]", "an operand is read through another's pointer", r"= a1\[", "= a0["),
    ("elementwise", r"map\[37x30\]", "two results change places", r"\ba([23])\[", lambda m: "a%d[" % (5 - int(m[1])), ALL),
    ("elementwise", r"map\[37x30\]", "a comparison takes the other side", r"\? (\w+) : (\w+)", r"? \2 : \1"),
    ("elementwise", r"map\[37x30\]", "a turned tensor is read unturned", r"(= s0\[)(\w+) \* 30 \+ (\w+)", r"\1\3 * 30 + \2"),
    ("elementwise", r"map\[37x30\]", "shared memory is indexed with another row's length", r"(s0\[\w+ \* )30", r"\g<1>29"),
    # rows
    ("rows", r"reduce\[64x100\]", "no barrier after the rows' maxima", BARRIER, NOTHING, 0),
    ("rows", r"reduce\[64x100\]", "no barrier after the exponentials", BARRIER, NOTHING, 1),
    ("rows", r"reduce\[64x100\]", "no barrier after the rows' sums", BARRIER, NOTHING, 2),
    ("rows", r"reduce\[64x100\]", "a barrier that some threads do not reach", BARRIER, "if (threadIdx.x < 128) __syncthreads();"),
    ("rows", r"reduce\[64x100\]", "a barrier within a branch of the writers", r"(\n  if \(v\w+\) \{[^}]*)\}\n  __syncthreads\(\);", r"\1 __syncthreads(); }"),
    ("rows", r"reduce\[64x100\]", "a shuffle asks a lane of another team", r"(__shfl_xor_sync\(\w+, \w+, )1\)", r"\g<1>4)", -1),
    ("rows", r"reduce\[64x100\]", "a shuffle's mask lacks lanes", r"0xffffffffu", "0x0000ffffu"),
    ("rows", r"reduce\[64x100\]", "lanes end before the shuffle", r"(const float \w+ = __shfl)", r"if (threadIdx.x % 32 > 29) return; \1"),
    ("rows", r"reduce\[64x100\]", "a shuffle in a branch", r"const float (\w+) = (__shfl.*;)", r"float \1 = 0; if (threadIdx.x % 4 == 0) \1 = \2"),
    ("rows", r"reduce\[64x100\]", "a step of the team's sum is missing", r"(= \w+ \+ )\w+(;\n.*__shfl)", r"\g<1>0.0f\2"),
    ("rows", r"reduce\[64x100\]", "a sum starts with one", r"= 0\.0f;", "= 1.0f;"),
    ("rows", r"reduce\[64x100\]", "every lane starts at the first term", r"(for \(int \w+ = )v\w+(; \w+ < 100; \w+ \+= 4)", r"\g<1>0\2", -1),
    ("rows", r"reduce\[64x100\]", "all rows use the first one's maximum", r"s0\[\w+\];", "s0[0];"),
    ("rows", r"reduce\[64x100\]", "every lane of a team writes", r"& \(\w+ == 0\)", "& true"),
    ("rows", r"reduce\[3x1001\]", "the tail of a long row is left out", r"(< )1001(; \w+ \+= 32)", r"\g<1>992\2", -1),
    ("rows", r"reduce\[3x1001\]", "the widest shuffle is missing", r"__shfl_xor_sync\(\w+, (\w+), 16\)", r"\1", -1),
    ("rows", r"reduce\[3x1001\]", "no barrier after the rows' sums", BARRIER, NOTHING, -1),
    ("rows", r"reduce\[2x3000\]", "no barrier before the warps' sums are read", r"__syncthreads\(\);(\n *const float \w+ = s0\[0\])", r"\1"),
    ("rows", r"reduce\[2x3000\]", "the next element's sums overwrite what others read: no second barrier", BARRIER, NOTHING, -1),
    ("rows", r"reduce\[2x3000\]", "one warp's sum is forgotten", r"s0\[7\]", "s0[6]"),
    ("rows", r"reduce\[2x3000\]", "warps write to the same place", r"(s0\[.*?)/ 32u", r"\1/ 64u"),
    ("rows", r"reduce\[50x20\]", "the last block takes a whole block's rows", r"smaller\(\(50 - (\w+)\), 12\)", "12"),
    ("rows", r"reduce\[50x20\]", "a block starts at its neighbour's last row", r"(\(int\)block\w*[.x]*\) \* )(12)", less),
    ("rows", r"reduce\[50x20\]", "the label's place is one off", r"\(long long\)(\w+)\) ==", r"(long long)\1 + 1) =="),
    ("rows", r"reduce\[50x20\]", "the flags that a check reads are not written", r"\n *\w+\[\w+\] = \(unsigned char\)bits\(.*", ""),
    # contractions
    ("contract", r"contract\[200x190x45\]", "no barrier after the first tiles are loaded", BARRIER, NOTHING, 0),
    ("contract", r"contract\[200x190x45\]", "no barrier before the next tiles", BARRIER, NOTHING, -1),
    ("contract", r"contract\[200x190x45\]", "the next tiles are written over those that are read", r"1 - (\w+);", r"\1;"),
    ("contract", r"contract\[200x190x45\]", "terms beyond the end are read", r" & \(\w+ < 45\)", "", ALL),
    ("contract", r"contract\[200x190x45\]", "a tile's zeros are ones", r"= 0\.0f;(\n *\}\n *s)", r"= 1.0f;\1", ALL),
    ("contract", r"contract\[200x190x45\]", "the last tile of terms is missing", r"(\w+ < )45(; \w+ \+= 16)", r"\g<1>32\2"),
    ("contract", r"contract\[200x190x45\]", "a tile is written with another stride than it is read", r"(\* )(36)", less, ALL),
    ("contract", r"contract\[200x190x45\]", "the operands change places", r"(multiply_tiles.*)s1(.*)s0", r"\1s0\2s1"),
    ("contract", r"contract\[200x190x45\]", "the bias of rows instead of columns", r"(= a2\[)\w+", r"\g<1>threadIdx.x / 16"),
    ("contract", r"contract\[200x190x45\]", "the edge is not masked", r"if \(\w+ & \(\w+ < 190\)\)", "if (true)", ALL),
    ("contract", r"contract\[200x190x45\]", "both operands are one", r"= a1\[", "= a0[", ALL),
    ("contract", r"contract\[3x150x70x37\]", "a matrix of the batch is read with another's size", r"(\* )(2590)", less),
    ("contract", r"contract\[3x150x70x37\]", "no barrier before the next tiles", BARRIER, NOTHING, -1),
    # halves on tensor cores
    ("halves", r"contract\[515x128x72\]", "the wait lets a tile be read before it arrives", r"wait_copies<1>", "wait_copies<2>"),
    ("halves", r"contract\[515x128x72\]", "the first tile's copies are not committed by themselves", r"commit_copies\(\);", NOTHING, 0),
    ("halves", r"contract\[515x128x72\]", "the loop's copies are not committed", r"commit_copies\(\);", NOTHING, -1),
    ("halves", r"contract\[515x128x72\]", "nobody waits", r"wait_copies<1>\(\);", NOTHING),
    ("halves", r"contract\[515x128x72\]", "no barrier after the wait", BARRIER, NOTHING),
    ("halves", r"contract\[515x128x72\]", "the barrier comes before the wait", r"(wait_copies<1>\(\);)\s*(__syncthreads\(\);)", r"\2 \1"),
    ("halves", r"contract\[515x128x72\]", "the next tile goes to one that is being read", r"\+ 2\)\) % 3u", "+ 3)) % 3u"),
    ("halves", r"contract\[515x128x72\]", "one operand's tiles are in another order", r"half_place<(\d+), false>", r"half_place<\1, true>", 0),
    ("halves", r"contract\[515x128x72\]", "the second operand's tile is the one before", r"(multiply_halves.*&s0\[\(?)", r"\g<1>1024 - "),
    ("edges", r"contract\[518x130x38\]", "elements beyond the edge are copied", r"\? \(\d+ - \w+\) : 0", "? 8 : 0", ALL),
    # convolutions and pooling
    ("conv", r"map\[2x5x11x10\]", "no barrier after the padded copy", BARRIER, NOTHING, 0),
    ("conv", r"map\[2x5x11x10\]", "no barrier after the output that the gradient reads", BARRIER, NOTHING, 1),
    ("conv", r"map\[2x5x11x10\]", "the input gradient takes pixels between the strides", r" & \(\(\(int\)\(bits\(\w+\) % 2u\)\) == 0\)", ""),
    ("conv", r"map\[2x5x11x10\]", "the last tap of a filter is missing", r"(< )(3)(?=; \+\+)", less),
    ("conv", r"contract\[2x5x8x33x3x3x5\] \+ map\[33", "the window's upper edge is one off", r"(\w+ < )(9\))", lambda m: m[1] + "8)"),
    ("conv", r"contract\[2x5x8x33x3x3x5\] \+ map\[33", "the padding is forgotten", r" \+ \(-1\)", "", -1),
    ("conv", r"map\[2x3x11x8\]", "no barrier before the pool's windows", BARRIER, NOTHING),
    ("conv", r"map\[2x3x11x8\]", "the padding is zero, not the lowest number", r"__int_as_float\(0xFF800000\)", "1.0f"),
    ("conv", r"map\[2x3x11x8\]", "the second of two equal largest elements is taken", r"(\w+ = \(\(\((\w+) == \w+\) \| \(\2 != \2\)\) & \()(\w+) >= 0", r"\1false", -1),
    # indices
    ("index", r"map\[30x40\]", "every row is the first", r"\* 40 \+ (\w+)\];\n( *)(\w+)\[", r"* 0 + \1];\n\2\3["),
    ("index", r"^// scatter", "what is there already is lost", r"= \w+ \+ (\w+);", r"= \1;"),
    ("index", r"^// scatter", "nothing is cleared", r"= 0\.0f;", "+= 0.0f;", ALL),
    ("index", r"^// scatter", "the last row is left out", r"(< )(30)(?=; \+\+)", less),
    ("index", r"^// argsort", "equal elements change places", r"\((\w+) < (\w+)\) \| \(\(\(", r"(\1 <= \2) | (((", ALL),
    ("index", r"^// argsort", "the last merge is missing", r"(< )(3)(?=; \+\+)", less),
    ("index", r"^// argsort", "both halves are written to one scratch", r"\ba2\[", "a1[", ALL),
    ("index", r"^// cumsum", "a sum leaves its own element out", r"(a1\[.*\] = )\w+;(\n *(\w+) = \w+;)", r"\1\3;\2"),
    # random numbers
    ("random", r"map\[5x37\]", "the high half of a product is its low half", r"__umulhi\((bits\(.*?\)\)), (bits\(.*?\))\)", r"(\1 * \2)"),
    ("random", r"map\[5x37\]", "the counter does not count elements", r"bits\(\(\(long long\)\(\(\w+ \* 37\) \+ \w+\)\)\)", "0"),
    ("random", r"map\[5x37\]", "a round's key is one off", r"\(-1640531527\)", "(-1640531526)"),
    # a training step, state in place
    ("step", r"contract\[24x40x30\] \+ map\[40x30\]", "two moments change places", r"\ba([23])\[", lambda m: "a%d[" % (5 - int(m[1])), ALL),
    ("step", r"contract\[24x40x30\] \+ map\[40x30\]", "a result is written over another tensor", r"\n( *)a2\[(.*)\] = ", r"\n\1a4[\2] = "),
    ("step", r"contract\[24x40x30\] \+ map\[40x30\]", "a block takes the rows of the one before", r"\(int\)(block[\w.]*)", r"(int)(\1 ? \1 - 1 : 0)"),
    ("step", r"^// contract\[24x5x40\]", "no barrier before the gradient of the layer below", BARRIER, NOTHING, -1),
    ("step", r"^// contract\[24x5x40\]", "no barrier before the rows' maxima", BARRIER, NOTHING, 0),
    ("step", r"^// map\[\]", "the step is counted by every thread", r"(< )1(; \w+ \+= 256)", r"\g<1>2\2"),
    ("step", r" \| contract\[24\]", "a block of one part goes to the next", r"(blockIdx\.x < )(\d+)", less),
    # loops
    ("loops", r"contract\[2x30x30\]", "the new state is the old one", r"tanhf", "-tanhf"),
    ("loops", r"map\[\] \+ map\[3\]", "one turn too many", r"< 7ll", "<= 7ll"),
    ("loops", "tenon_copy", "the tail of a copy is left out", r"for \(unsigned long long i = whole.*", ""),
    ("loops", "tenon_copy", "a copy reads where it writes", r"\*\(const uint4 \*\)\(from", "*(const uint4 *)(to"),
    # checks
    ("check", r"map\[\] \+ map\[300\]", "a kernel does not look at the status", r"if \(\*status\) return;", ""),
    ("check", "tenon_check", "a failed check is not told", r"\*status = number", "(void)number"),
    ("check", "tenon_check", "the wrong check is told", r"\*status = number", "*status = number + 1"),
    ("check", "tenon_check", "the first elements alone are checked", r"= all && flags\[i\]", "= all && flags[i % 2]"),
    ("check", r"map\[70000\]", "flags of the last block are missing", r"smaller\(\((\w+) - (\w+)\), 1024\)", r"(\1 - \2 < 1024 ? 0 : 1024)"),
]

PRELUDE = [
    ("elementwise", r"map\[37x30\]", "bf16 is cut off, not rounded", r" \+ 0x7fff \+ \(word >> 16 & 1\)", ""),
    ("elementwise", r"map\[37x30\]", "f16 is cut off, not rounded", r" \+ 0xfff \+ \(rest >> 13 & 1\)", ""),
    ("elementwise", r"map\[37x30\]", "f16's exponent is one off", r"112u << 23", "113u << 23", 0),
    ("rows", r"reduce\[64x100\]", "the larger is the smaller", r"return a > b \|\| a != a", "return a < b || a != a"),
    ("contract", r"contract\[200x190x45\]", "the last term of a tile is missing", r"(k < )(16)(?=; \+\+k)", less, -1),
    ("contract", r"contract\[200x190x45\]", "a sum is one of another row", r"left\[i / down\]\.at\[i % down\]", "left[0].at[i % down ^ 1]"),
    ("halves", r"contract\[515x128x72\]", "the pieces of a line are in other places where they are read", r"(load_matrices<!alongA>\(left\[i\], a \+ \(alongA \? half_place<m, )alongA>\(([^,]*), k", r"\1alongA>(\2, 8 ^ k"),
    ("halves", r"contract\[515x128x72\]", "half of the terms are another half's", r"k \+ lane / 16 \* 8", "k"),
    ("halves", r"contract\[515x128x72\]", "a matrix's columns are another's", r"right\[j / 2\] \+ j % 2 \* 2", "right[j / 2]"),
    ("halves", r"contract\[515x128x72\]", "all warps take the first rows", r"row = warp / across \* rows", "row = 0"),
    ("edges", r"contract\[518x130x38\]", "what does not exist is copied", r"exist < 8 \? \(int\)exist : 8", "8"),
    ("conv", r"map\[2x3x11x8\]", "the bound of an index is forgotten", r"(larger\(T a, T b\) \{ return )a > b \? a : b", r"\1a"),
]

# Programs that a check refuses: they end with its message.
REFUSED = ["check"]
# Of the runtime, as the driver sees them: every edge of these programs' graphs is left out once, and the waits next to their launch.
GRAPHS = ["step", "loops"]
# Waits that need larger inputs or inputs sent ahead: (test of unit_cuda, the call that is left out).
WAITS = [("Gpu.InputsCanBeSentAhead", "cuStreamWaitEvent:2"), ("Gpu.SymbolicSizes", "cuEventSynchronize:0"), ("Gpu.SymbolicSizes", "cuEventSynchronize:3")]
