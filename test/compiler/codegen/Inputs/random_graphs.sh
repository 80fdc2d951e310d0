#!/bin/sh
# random_graphs.sh FIRST LAST TARGET OUT: each graph of these seeds, compiled for the target, must compute what the reference evaluator does.
for seed in $(seq "$1" "$2"); do
  python3 "$(dirname "$0")/random_graph.py" "$seed" >"$4.mlir"
  tenonc "$4.mlir" --verify --target="$3" -o "$4.so" || { echo "seed $seed, target $3"; exit 1; }
done
