FROM python:3.12-slim
# espeak-ng speaks prompts; Pango and HarfBuzz set the type of PDF files.
RUN apt-get update && apt-get install -y --no-install-recommends espeak-ng libpango-1.0-0 libpangoft2-1.0-0 \
        libharfbuzz-subset0 && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/dispatch
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY dispatch dispatch
COPY voice voice
COPY workers workers
# All that is ever written lies in these folders; a named volume mounted there begins with their owner.
ENV DISPATCH_STATE_DIR=/var/lib/dispatch/state \
    DISPATCH_RECORDINGS_DIR=/var/lib/dispatch/recordings \
    DISPATCH_CACHE_DIR=/var/cache/dispatch
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && useradd --system --create-home dispatch \
    && mkdir -p "$DISPATCH_STATE_DIR" "$DISPATCH_RECORDINGS_DIR" "$DISPATCH_CACHE_DIR" \
    && chown -R dispatch /var/lib/dispatch "$DISPATCH_CACHE_DIR"
USER dispatch
ENTRYPOINT ["interpreter-dispatch"]
CMD ["serve"]
