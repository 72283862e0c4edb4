#!/bin/bash
# Environments of the peers that loader.py, variants.py, design.py and serving.py compare with: peers.sh FOLDER (10 GB, 8 minutes)
set -e
mkdir -p "$1"; cd "$1"
make() { # name packages...
  name=$1; shift
  [ -d "venv-$name" ] || python3.11 -m venv "venv-$name"
  "venv-$name/bin/pip" install -q torch==2.13.0 numpy
  echo torch==2.13.0 > constraints.txt
  PIP_CONSTRAINT=$PWD/constraints.txt "venv-$name/bin/pip" install -q "$@"
}
make grelu gReLU
make crested crested numba pyfaidx pybedtools
make gvl genvarloader
make litserve litserve
make tanger tangermeme ledidi captum pyfaidx
# selene-sdk 0.6.0 asks for torch<=2.3.1; it needs pkg_resources and an undeclared six
make selene "setuptools<81" wheel cython numba click h5py matplotlib pandas plotly pyfaidx pyyaml \
  ruamel.yaml scikit-learn scipy seaborn statsmodels six pybedtools pysam
venv-selene/bin/pip install -q --no-build-isolation pytabix
venv-selene/bin/pip install -q --no-build-isolation --no-deps selene-sdk==0.6.0
