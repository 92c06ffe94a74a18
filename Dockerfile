# The service alone, on Debian 12; docker-compose.yml puts PostgreSQL beside it.
FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends make
WORKDIR /lachan
COPY Makefile ./
RUN make packages
COPY . .
RUN make -j"$(nproc)" .build/lachan

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends libulfius2.7 libmicrohttpd12 libjansson4 libpq5 libjwt0 \
        libsodium23 libunistring2 libssl3 zlib1g \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --home-dir /var/lib/lachan --create-home --skel /dev/null --shell /usr/sbin/nologin lachan
COPY --from=build /lachan/.build/lachan /usr/local/bin/lachan
COPY db/start.sh /usr/local/bin/lachan-start
USER lachan
ENV LACHAN_HOME=/var/lib/lachan LACHAN_PORT=8080 LACHAN_BIND=0.0.0.0
VOLUME /var/lib/lachan
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["lachan", "healthcheck"]
ENTRYPOINT ["lachan-start"]
