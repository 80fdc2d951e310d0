"""The walls between the folders: what may include, link and name what. Exit status 1 where one is crossed.

usage: walls.py includes|headers|names|links [BUILD FOLDER]
"""
import os, re, subprocess, sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
CODE = (".h", ".hpp", ".c", ".cpp", ".td", ".def", ".inc")
INCLUDE = re.compile(r'^\s*#?\s*include\s+(["<])([^">]+)[">]', re.M)

# Inside compiler/, whom each folder may know besides itself.
COMPILER = {
    "dialect": [],
    "evaluate": ["dialect", "autodiff", "transform"],
    "autodiff": ["dialect"],
    "transform": ["dialect", "autodiff"],
    "lower": ["dialect", "autodiff", "transform"],
    "codegen": ["dialect", "autodiff", "transform", "lower"],
    "pipeline": ["dialect", "autodiff", "transform", "lower", "codegen"],
    "api": ["dialect", "autodiff", "transform", "lower", "codegen", "pipeline", "evaluate", "onnx"],
    "onnx": ["dialect", "evaluate"],
}
# What the frontend may know of the compiler: how to write IR and how to have it compiled (or evaluated, the oracle).
FRONTEND_OF_COMPILER = ("dialect", "api", "evaluate", "onnx")
# Libraries that only these folders may use.
ABSL = ("frontend/data", "compiler/onnx", "tools", "test")
PROTOBUF = ("compiler/onnx", "test")

# Ops that a pass outside their entry may name, and why. Everything else goes by interfaces.
STATE = "state: effects, order and storage are no property of an op's arithmetic"
CONTROL = "loops and branches: which ops run, and how often, is no property of an op's arithmetic"
LOOPS = {"ScanOp": CONTROL, "WhileOp": CONTROL, "IfOp": CONTROL}
NAMES = {
    "autodiff": {"GradientOp": "the request that the pass answers"},
    "lower": {"StateOp": STATE, "ReadOp": STATE, "WriteOp": STATE, "CheckOp": STATE, **LOOPS,
              "ReshapeOp": "made where steps of a loop become rows of one op", "AndOp": "made where checks of steps become one check",
              "ConstantOp": "made with it"},
    "codegen": {"StateOp": "its table of state is the artifact's"},
    "evaluate": {
        "StateOp": STATE, "ReadOp": STATE, "WriteOp": STATE, "CheckOp": STATE,
        "GradientOp": "whether a function still asks for gradients, which the pass answers first", **LOOPS,
    },
}


def files(folder):
    for path, folders, names in os.walk(os.path.join(ROOT, folder)):
        folders[:] = [f for f in folders if f not in ("build", "__pycache__")]
        for name in names:
            if name.endswith(CODE):
                yield os.path.relpath(os.path.join(path, name), ROOT)


def text(path):
    if not os.path.isfile(os.path.join(ROOT, path)):
        return ""
    with open(os.path.join(ROOT, path), errors="replace") as f:
        return f.read()


def resolve(path, kind, name):
    """The file of the tree that an include names, or the name itself where it is none of ours."""
    name = re.sub(r"^tenon/", "frontend/", name)
    for base in ([os.path.dirname(path)] if kind == '"' else []) + [""]:
        file = os.path.normpath(os.path.join(base, name))
        if os.path.exists(os.path.join(ROOT, file)):
            return file
    return name


def includes_of(path):
    return [resolve(path, kind, name) for kind, name in INCLUDE.findall(text(path))]


def compiler_folder(path):
    return path.split("/")[1] if path.startswith("compiler/") and path.count("/") >= 2 else None


def check_includes():
    """Who may include whom (ARCHITECTURE, the parts)."""
    bad = []
    for path in files("runtime"):
        for name in includes_of(path):
            ours = name.startswith("runtime/")
            system = "/" not in name or re.match(r"(sys|linux|asm|bits|arpa|netinet)/", name)
            if not (ours or system):
                bad.append(f"{path}: the runtime includes {name}; it knows nothing but itself and the C and C++ libraries")
    for path in files("compiler"):
        me = compiler_folder(path)
        for name in includes_of(path):
            if name.startswith("frontend/") or name.startswith("runtime/") and name != "runtime/abi.h":
                bad.append(f"{path}: the compiler includes {name}; of the others it knows runtime/abi.h alone")
            other = compiler_folder(name)
            if me and other and other != me and other not in COMPILER.get(me, []):
                bad.append(f"{path}: compiler/{me} includes {name}; it may know {', '.join(COMPILER.get(me, [])) or 'nobody'}")
    for path in files("frontend"):
        for name in includes_of(path):
            other = compiler_folder(name)
            if other and other not in FRONTEND_OF_COMPILER:
                bad.append(f"{path}: the frontend includes {name}; of the compiler it may know {', '.join(FRONTEND_OF_COMPILER)}")
            if name.startswith("runtime/") and name not in ("runtime/tenon.h", "runtime/tenon.hpp"):
                bad.append(f"{path}: the frontend includes {name}; of the runtime it knows tenon.h and tenon.hpp")
    for folder in ("compiler", "frontend"):
        for path in files(folder):
            for name in includes_of(path):
                if name.startswith("absl/") and not path.startswith(ABSL):
                    bad.append(f"{path}: includes {name}; Abseil is for {', '.join(ABSL)}")
                if name.startswith(("google/", "onnx/")) and not path.startswith(PROTOBUF):
                    bad.append(f"{path}: includes {name}; protobuf and ONNX are for {', '.join(PROTOBUF)}")
    return bad


def check_headers():
    """A program that includes tenon/torch.h sees no MLIR, no LLVM and nothing of the compiler."""
    bad, seen, todo = [], set(), [p for p in ("frontend/torch.h", "frontend/tenon.h") if os.path.exists(os.path.join(ROOT, p))]
    todo += [p for p in files("frontend") if p.endswith(".h") and os.path.dirname(p) in ("frontend/nn", "frontend/optim", "frontend/data", "frontend/functional")
             and not re.search(r"mlir/|llvm/|record\.h", text(p))]
    if not todo:
        bad.append("frontend: no public header found")
    for path in todo:
        for name in includes_of(path):
            if name.startswith(("mlir/", "llvm/", "lld/", "compiler/", "absl/", "nlohmann/", "zlib")):
                bad.append(f"{path}: a public header includes {name}")
            elif name.startswith("frontend/") and name not in seen:
                seen.add(name)
                todo.append(name)
    return bad


def op_classes():
    """prim's and nn's op classes, from their one entry each."""
    names = set()
    for path in files("compiler/dialect"):
        if path.endswith(".td") and path.split("/")[2] in ("prim", "nn"):
            names |= {m if m.endswith("Op") else m + "Op" for m in re.findall(r"^\s*def\s+(?:Prim_|Nn_|Tenon_)?([A-Z]\w*)", text(path), re.M)}
    return names


def check_names():
    """No pass knows an op by name, but for those of NAMES."""
    bad, known = [], op_classes()
    if len(known) < 40:
        bad.append(f"compiler/dialect: only {len(known)} op entries found; has the form of an entry changed?")
    for folder, allowed in NAMES.items():
        for path in files(f"compiler/{folder}"):
            code = re.sub(r"//[^\n]*|/\*.*?\*/", "", text(path), flags=re.S)
            scopes = ["prim::", "nn::"]
            if re.search(r"using namespace (\w+::)*(prim|nn)\b|namespace (\w+::)+(prim|nn)\b(?! *=)", code):
                scopes.append("")
            for m in re.finditer(r"(\w+::)?\b(\w+Op)\b", code):
                scope, name = m.group(1) or "", m.group(2)
                if name in known and scope in scopes and name not in allowed:
                    line = code[: m.start()].count("\n") + 1
                    bad.append(f"{path}:{line}: names {scope}{name}; ask an interface, or give test/walls a reason")
            for m in re.finditer(r'"(prim|nn)\.(\w+)"', code):
                bad.append(f"{path}: names {m.group(1)}.{m.group(2)}")
    return bad


def dynamic(library, what):
    out = subprocess.run(["readelf", "-dW", library], capture_output=True, text=True, check=True).stdout
    return re.findall(rf"\({what}\).*?\[([^\]]+)\]", out)


def check_links(build):
    """What the built libraries load: the runtime needs the C library alone, the compiler nothing above it."""
    bad, lib = [], os.path.join(build, "lib")
    c_library = r"(libc|libm|libpthread|libdl)\.so\.\d+|ld-linux-[\w-]+\.so\.\d+"
    rules = {
        "libtenon_runtime.so": c_library,
        "libtenon_compiler.so": c_library + r"|lib(stdc\+\+|gcc_s|MLIR|LLVM|z|zstd|onnx|onnx_proto|protobuf)\.so.*",
        "libtenon_frontend.so": c_library + r"|lib(stdc\+\+|gcc_s|MLIR|LLVM|z|tenon_compiler|tenon_runtime)\.so.*",
    }
    for name, allowed in rules.items():
        path = os.path.join(lib, name)
        if not os.path.exists(path):
            bad.append(f"{name}: not built")
            continue
        bad += [f"{name}: needs {needed}" for needed in dynamic(path, "NEEDED") if not re.fullmatch(allowed, needed)]
    runtime = os.path.join(lib, "libtenon_runtime.so")
    if os.path.exists(runtime):
        symbols = subprocess.run(["nm", "-D", "--defined-only", runtime], capture_output=True, text=True, check=True).stdout
        names = [l.split()[-1] for l in symbols.splitlines()]
        bad += [f"libtenon_runtime.so: exports {n}" for n in names if not n.startswith("tenon_")]
        stripped = os.path.join(build, "test", "runtime_stripped.so")
        os.makedirs(os.path.dirname(stripped), exist_ok=True)
        subprocess.run(["strip", "-o", stripped, runtime], check=True)
        kib = os.path.getsize(stripped) / 1024
        print(f"libtenon_runtime.so: {kib:.0f} KiB stripped")
        if kib > 400:
            bad.append(f"libtenon_runtime.so: {kib:.0f} KiB stripped, at most 400")
    return bad


check = sys.argv[1]
found = check_links(sys.argv[2]) if check == "links" else {"includes": check_includes, "headers": check_headers, "names": check_names}[check]()
print("\n".join(found) if found else f"{check}: no wall crossed")
sys.exit(1 if found else 0)
