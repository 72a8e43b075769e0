# Build:  docker build --tag all-cds .
# Run:    docker run --read-only --tmpfs /tmp --publish 8000:8000 --volume /etc/all-cds:/etc/all-cds:ro --volume all-cds:/state \
#           --env ALL_CDS_AUTH=required --env ALL_CDS_PUBLIC_BASE_URL=https://cds.example.org \
#           --env ALL_CDS_ISSUERS=/etc/all-cds/issuers.yaml --env ALL_CDS_STORE=/state/store.sqlite3 all-cds
# Try it: docker run --read-only --tmpfs /tmp --publish 127.0.0.1:8000:8000 --env ALL_CDS_PROFILE=development all-cds
# The service writes gunicorn's heartbeat files, to /tmp, and its store: /state belongs to the user below.

# What the pages load in a browser; only these files leave this stage, Node.js does not.
FROM node:20.20.2-bookworm-slim AS pages

WORKDIR /pages
COPY service/web/pages/package.json service/web/pages/package-lock.json service/web/pages/.npmrc ./
RUN npm ci --ignore-scripts --omit=dev

FROM python:3.11.14-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/all-cds
# The lock changes less often than the code: its own layer.
COPY .locks/run.txt .locks/run.txt
RUN /opt/all-cds/bin/pip install --no-deps --require-hashes --requirement .locks/run.txt
COPY pyproject.toml ./
COPY cds_hooks/ cds_hooks/
COPY service/ service/
COPY --from=pages /pages/node_modules/ service/web/pages/node_modules/
# An installer has no business in a running service: it goes once its work is done.
RUN /opt/all-cds/bin/pip install --no-deps --no-build-isolation . \
    && /opt/all-cds/bin/pip uninstall --yes setuptools pip

FROM python:3.11.14-slim-bookworm

# Production: without authentication and an https address it does not start, and says what to set.
ENV PATH=/opt/all-cds/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ALL_CDS_PROFILE=production
COPY --from=build /opt/all-cds /opt/all-cds
RUN install --directory --owner=10001 --group=10001 --mode=0700 /state
# A number, not a name: orchestrators can then prove that it is not root.
USER 10001:10001
WORKDIR /opt/all-cds
EXPOSE 8000
# urlopen raises on anything but success, and a raised error is exit code 1.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4).close()"]
CMD ["all-cds", "serve", "--host", "0.0.0.0", "--port", "8000"]
