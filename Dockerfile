# The server, and every other command, for a CPU:
#   docker build -t nucleotides .
# for an NVIDIA GPU, torch from another index (its wheels bring CUDA along; the host needs the driver
# and NVIDIA's container toolkit):
#   docker build -t nucleotides:cuda --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu130 .
# docs/deploying.md, "In a container", tells how to run it and what was tried.
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
# `strip`, of whatever version goes with the base.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends binutils \
    && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/nucleotides
ENV PATH=/opt/nucleotides/bin:$PATH

# torch first and alone: its own build is settled before others ask for it, and the layer is kept.
COPY constraints.txt ./
RUN pip install --no-deps --index-url "${TORCH_INDEX}" "$(grep '^torch==' constraints.txt)"

COPY pyproject.toml README.md LICENSE ./
COPY nucleotides nucleotides
RUN pip install -c constraints.txt '.[serve,cloud]' && pip check

# What only those who develop with these packages need; then bytecode of what a server imports.
COPY deploy/trim_environment.py deploy/
RUN python3 deploy/trim_environment.py

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="nucleotides" \
      org.opencontainers.image.description="Serves multi-task networks that read DNA" \
      org.opencontainers.image.licenses="BSD-3-Clause"
RUN mkdir /data /cache && chown 10001:10001 /data /cache
COPY --from=build /opt/nucleotides /opt/nucleotides
# All that is written goes to /data (jobs) and /cache (copies of what was deployed, numba's code).
ENV PATH=/opt/nucleotides/bin:$PATH \
    HOME=/cache \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/cache/numba \
    MPLCONFIGDIR=/cache/matplotlib \
    NUCLEOTIDES_HOST=0.0.0.0 \
    NUCLEOTIDES_PORT=8893 \
    NUCLEOTIDES_TOP_DIR=/data \
    NUCLEOTIDES_JOBS_DIR=/data/jobs \
    NUCLEOTIDES_CACHE_DIR=/cache/nucleotides
USER 10001:10001
WORKDIR /data
VOLUME ["/data", "/cache"]
EXPOSE 8893
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python3", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"NUCLEOTIDES_PORT\"]}/health', timeout=4)"]
ENTRYPOINT ["nucleotides"]
CMD ["serve"]
