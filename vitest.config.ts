// Which tests there are, by folder and suffix, and what each needs. A new suite of integration
// (`*.int.test.ts`) is in `store`, so it runs on the embedded default and on Redis without being
// named anywhere. What needs something that is not there is left out, not skipped: `npm test` needs
// nothing installed. Asked for by its project's name, it fails instead.

import { defineConfig } from 'vitest/config';

const has = (name: string) => process.env[name] !== undefined;
const onServer = has('TEST_REDIS_URL') || has('TEST_DATABASE_URL');

const PAGE = ['page', 'shots'];

/** One project; null where what it needs is missing. */
function project(name: string, include: readonly string[], needs = true) {
  if (!needs) return null;
  return {
    test: {
      name,
      // Loading the SDK and the rest for every file anew is a third of the time. Modules keep no
      // state of their own, so files may share them; those of the page share daemons by file.
      isolate: PAGE.includes(name),
      include: [...include],
      exclude: has('TASKROUTER_OPENAPI') ? [] : ['test/openapi/taskrouter.int.test.ts'],
      testTimeout: 180_000,
      hookTimeout: 120_000,
      unstubEnvs: true,
      // A page under a loaded machine is late, not wrong.
      expect: { poll: { timeout: 30_000 } },
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      project('pure', [
        'test/*.test.ts',
        'test/{unit,property}/**/*.test.ts',
        'test/contract/*.test.ts',
        'test/openapi/validate.test.ts',
      ]),
      // Whatever may depend on the store that is in use.
      project('store', ['test/integration/*.int.test.ts']),
      // What is the same on any store.
      project('once', [
        'test/integration/*.once.test.ts',
        'test/{contract,openapi}/**/*.int.test.ts',
      ]),
      // One store alone.
      project('embedded', ['test/integration/*.embedded.test.ts'], !onServer),
      project('redis', ['test/integration/*.redis.test.ts'], has('TEST_REDIS_URL')),
      project(
        'postgres',
        // And the main job: PostgreSQL is the same SQL as the embedded default, on which all run.
        ['test/integration/*.postgres.test.ts', 'test/integration/main-job.int.test.ts'],
        has('TEST_DATABASE_URL'),
      ),
      project('page', ['test/page/*.page.test.ts'], has('TEST_CHROMIUM')),
      project('shots', ['test/page/shots.ts'], has('SHOTS')),
      project('live', ['test/integration/*.live.test.ts'], has('TEST_LIVE')),
    ].filter((one) => one !== null),
    globalSetup: 'test/support/global-setup.ts',
    // Twice the cores of the project's machines: daemons and emulators wait more than they work.
    maxWorkers: 4,
  },
});
