# Chaffinch in a container: `--target server` opens doors for mail programs, `--target notebooks` is
# JupyterLab. docs/image.md says how to use them; `make image-steps` tries the steps without an engine.
ARG PYTHON=3.13

# What is compiled and installed, with the versions and hashes of locks/.
FROM python:${PYTHON}-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY locks locks
RUN python3 -m venv /opt/chaffinch \
 && /opt/chaffinch/bin/python -m pip install --no-cache-dir --require-hashes -r locks/server.txt
RUN python3 -m venv /opt/build \
 && /opt/build/bin/python -m pip install --no-cache-dir --require-hashes -r locks/build.txt
COPY pyproject.toml setup.py README.md LICENSE ./
COPY src src
RUN /opt/build/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/chaffinch/bin/python -m pip install --no-deps --no-index /wheels/*.whl \
 && /opt/chaffinch/bin/python -m pip uninstall --yes --quiet pip \
 && find /opt/chaffinch -type d -name tests -prune -exec rm -r {} +

# The same with JupyterLab. TRAIN=gpu brings PyTorch for graphics cards, which takes gigabytes;
# TRAIN=cpu takes the newest from the index of TORCH_INDEX, where there are builds without, which
# is the one thing installed here that no lock pins, with what it needs.
FROM build AS build-notebooks
ARG TRAIN=none
ARG TORCH_INDEX=
RUN case "$TRAIN:$TORCH_INDEX" in \
      cpu:) echo "TRAIN=cpu takes PyTorch from the index that TORCH_INDEX names: name one" >&2; exit 1 ;; \
      none:*|cpu:*|gpu:*) ;; \
      *) echo "TRAIN=$TRAIN: say none, cpu or gpu" >&2; exit 1 ;; \
    esac
RUN /opt/build/bin/python -m pip --python /opt/chaffinch/bin/python install \
    --no-cache-dir --require-hashes -r locks/notebooks.txt
RUN case "$TRAIN" in \
      gpu) /opt/build/bin/python -m pip --python /opt/chaffinch/bin/python install \
             --no-cache-dir --require-hashes -r locks/gpu.txt ;; \
      cpu) /opt/build/bin/python -m pip --python /opt/chaffinch/bin/python install \
             --no-cache-dir --index-url "$TORCH_INDEX" torch \
           && /opt/build/bin/python -m pip --python /opt/chaffinch/bin/python install \
             --no-cache-dir onnx onnxscript ;; \
    esac

FROM python:${PYTHON}-slim AS notebooks
RUN useradd --uid 1000 --create-home chaffinch
COPY --from=build-notebooks /opt/chaffinch /opt/chaffinch
COPY --chown=1000:1000 notebooks /home/chaffinch/notebooks
COPY --chown=1000:1000 examples /home/chaffinch/examples
# What the notebooks read and link to beside them.
COPY benchmarks/results/digits_ladder.json /home/chaffinch/benchmarks/results/
COPY src/chaffinch/tasks/digits/starter.md /home/chaffinch/src/chaffinch/tasks/digits/
COPY docs /home/chaffinch/docs
COPY binder /home/chaffinch/binder
ENV PATH=/opt/chaffinch/bin:$PATH
USER 1000
WORKDIR /home/chaffinch
VOLUME /home/chaffinch/notebooks
EXPOSE 8888
ENTRYPOINT ["jupyter", "lab", "--ip=0.0.0.0", "--port=8888", "--no-browser", "--LabApp.default_url=/lab/tree/notebooks"]

# The last one is what is built where no target is named.
FROM python:${PYTHON}-slim AS server
RUN useradd --uid 1000 --create-home --home-dir /var/lib/chaffinch chaffinch \
 && chmod 700 /var/lib/chaffinch
COPY --from=build /opt/chaffinch /opt/chaffinch
# Nobody on other machines may come in until CHAFFINCH_ALLOW says who may.
ENV PATH=/opt/chaffinch/bin:$PATH \
    CHAFFINCH_HOME=/var/lib/chaffinch \
    CHAFFINCH_SPAMD=127.0.0.1:7830 \
    CHAFFINCH_MONITOR=127.0.0.1:9783
USER 1000
WORKDIR /var/lib/chaffinch
VOLUME /var/lib/chaffinch
EXPOSE 7830
HEALTHCHECK --start-period=30s CMD ["python3", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:9783/ready', timeout=5)"]
ENTRYPOINT ["chaffinch"]
CMD ["serve"]
