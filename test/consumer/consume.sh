#!/bin/sh
# Builds the project PART against an installed Tenon with the system's own compilers, and runs it.
# usage: consume.sh PART SOURCE PREFIX WORK-FOLDER ARTIFACT
set -eu
rm -rf "$4/$1"
cmake -S "$2/$1" -B "$4/$1" -DCMAKE_PREFIX_PATH="$3" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER=cc -DCMAKE_CXX_COMPILER=c++
cmake --build "$4/$1"
"$4/$1/consumer" "$5"
