# Two static binaries on nothing: no shell, no package manager, no root. `make image` builds and tries it.
#
#   docker run -p 127.0.0.1:8080:8080 -v klero:/data kleroterion:dev

ARG GO_IMAGE=docker.io/library/golang:1.26-bookworm
FROM ${GO_IMAGE} AS build
WORKDIR /src
# Modules first: they are downloaded again only when go.mod changes.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ENV CGO_ENABLED=0
RUN go build -trimpath -buildvcs=false -tags nomsgpack -ldflags "-s -w" -o /out/ ./cmd/kleroterion ./cmd/klero-verify
# The folders of the last stage, which has no shell to make them. Copied from one level up: only then
# are their own modes kept.
RUN mkdir -p /folders/data /folders/tmp && chmod 0700 /folders/data && chmod 1777 /folders/tmp

FROM scratch
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="kleroterion" \
      org.opencontainers.image.description="Public draws, votes and matching that anyone can check again" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build --chown=65532:65532 /folders/ /
# Relays are asked over TLS.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/kleroterion /out/klero-verify /
COPY LICENSE /LICENSE

USER 65532:65532
ENV KLERO_LISTEN=0.0.0.0:8080
ENV KLERO_DATA=/data
ENV HOME=/data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["/kleroterion", "healthcheck"]
ENTRYPOINT ["/kleroterion"]
CMD ["serve"]
