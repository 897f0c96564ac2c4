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
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && useradd --system dispatch && mkdir -p /var/cache/dispatch && chown dispatch /var/cache/dispatch
USER dispatch
ENTRYPOINT ["interpreter-dispatch"]
CMD ["serve"]
