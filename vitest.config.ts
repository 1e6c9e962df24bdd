import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.{test,prop.test,int.test}.ts'],
    exclude: [
      'test/bench/**',
      'node_modules/**',
      // Asked for by name alone: `npm run test:live`.
      ...(process.env.TEST_LIVE === undefined ? ['test/**/*.live.test.ts'] : []),
      // Without a server these are left out, not skipped: `npm test` needs nothing installed.
      ...(process.env.TEST_REDIS_URL === undefined ? ['test/**/*.redis.test.ts'] : []),
      ...(process.env.TASKROUTER_OPENAPI === undefined
        ? ['test/openapi/taskrouter.int.test.ts']
        : []),
      ...(process.env.TEST_CHROMIUM === undefined ? ['test/page/**'] : []),
      ...(process.env.TEST_DATABASE_URL === undefined ? ['test/**/*.postgres.test.ts'] : []),
    ],
    globalSetup: 'test/support/global-setup.ts',
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // Two cores are what the project's machines have; more workers only fight over PGlite.
    maxWorkers: 2,
    unstubEnvs: true,
  },
});
