# syntax=docker/dockerfile:1
ARG PYTHON=3.11

FROM python:${PYTHON}-slim-bookworm AS build
# Extras of pyproject.toml, separated by commas; empty for the base.
ARG EXTRAS=postgres
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /build
COPY requirements.lock requirements-test.lock ./
RUN python -m venv /opt/milpwright \
    && /opt/milpwright/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY benchmarks benchmarks
COPY equivalence equivalence
COPY formulation formulation
COPY milpwright milpwright
COPY solvers solvers
# The extras' versions come from the test lock file, which holds every extra.
RUN /opt/milpwright/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && if [ -n "$EXTRAS" ]; then \
         sed -e 's/ *\\$//' -e '/^ *--hash/d' requirements-test.lock > constraints.txt \
         && /opt/milpwright/bin/pip install --no-cache-dir --no-build-isolation -c constraints.txt ".[$EXTRAS]"; \
       fi \
    && /opt/milpwright/bin/python -m compileall -q /opt/milpwright/lib

FROM python:${PYTHON}-slim-bookworm
LABEL org.opencontainers.image.title="milpwright" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/milpwright milpwright \
    && install -d -o milpwright -g milpwright /var/lib/milpwright
COPY --from=build /opt/milpwright /opt/milpwright
ENV PATH=/opt/milpwright/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MILPWRIGHT_HOST=0.0.0.0 \
    MILPWRIGHT_PORT=8000 \
    MILPWRIGHT_DATABASE_URL=sqlite:////var/lib/milpwright/milpwright.sqlite3
USER 10001:10001
WORKDIR /var/lib/milpwright
VOLUME ["/var/lib/milpwright"]
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['MILPWRIGHT_PORT']}/healthz\", timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["milpwright"]
CMD ["serve"]
