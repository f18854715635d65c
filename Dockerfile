# syntax=docker/dockerfile:1
# A harvest, a sandbox or any other command:
#   docker build -t elements-procura . && docker run --rm -v harvest:/data -e ELEMENTS_HOST=… elements-procura \
#       harvest elements --out /data --resume
# For workers of Dask: docker build --build-arg EXTRAS=cli,fleet …
FROM python:3.13-slim AS build
ARG EXTRAS=cli,postgres,redis
WORKDIR /src
COPY pyproject.toml README.md CHANGELOG.md LICENSE NOTICE ./
COPY docs ./docs
COPY examples ./examples
COPY elements_procura ./elements_procura
RUN pip install --no-cache-dir --prefix=/install ".[${EXTRAS}]"

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home harvester \
    && install --directory --owner=harvester --mode=0700 /data
COPY --from=build /install /usr/local
ENV PYTHONUNBUFFERED=1
USER harvester
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
# A store that can be read; before there is one, the container is starting.
HEALTHCHECK --interval=1m --timeout=20s --start-period=10m \
    CMD ["elements-procura", "status", "/data", "--quiet"]
ENTRYPOINT ["elements-procura"]
CMD ["--help"]
