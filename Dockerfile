# Bongsu in one image: `docker build -t bongsu .` and `docker run -p 8080:8080 -v bongsu:/data bongsu`.
# Every package is pinned by its hash; nothing is compiled that the wheels do not bring.
FROM python:3.11-slim-bookworm AS build
WORKDIR /opt/bongsu
RUN python -m venv .venv
COPY requirements/run.txt requirements/run.txt
RUN .venv/bin/python -m pip install --no-cache-dir --no-deps --require-hashes -r requirements/run.txt
COPY tools/install.py tools/install.py
COPY src src
RUN .venv/bin/python tools/install.py && .venv/bin/python -m compileall -q src

FROM python:3.11-slim-bookworm
# Mail and HTTPS need the authorities' certificates; everything else is in the environment.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home --home-dir /home/bongsu bongsu && install -d -o bongsu -g bongsu /data
COPY --from=build --chown=root:root /opt/bongsu /opt/bongsu
ENV PATH=/opt/bongsu/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER bongsu
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz/live', timeout=4)"]
ENTRYPOINT ["bongsu"]
CMD ["up", "--listen", "0.0.0.0:8080", "--data", "/data"]
