# Two stages: the first builds with everything, the second carries only what runs.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY page ./page
RUN npm run build && npm prune --omit=dev

FROM node:24-slim
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="headroom" \
  org.opencontainers.image.description="Capacity automation for Twilio TaskRouter" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.base.name="docker.io/library/node:24-slim"
ENV NODE_ENV=production HEADROOM_HOST=0.0.0.0 HEADROOM_DATA=/data HEADROOM_RULES=/rules
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY LICENSE ./
COPY rules /rules
# The embedded default keeps its files in /data; with REDIS_URL nothing is kept here.
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
# Whether the process lives: one that waits for its store is well, and a restart would not heal it.
# Readiness is for whoever sends deliveries here.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEADROOM_PORT||3000}/healthz`).then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
# Node itself is PID 1 and gets SIGTERM, on which the daemon stops cleanly within the ten seconds
# that `docker stop` gives.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/main.js"]
CMD ["start"]
