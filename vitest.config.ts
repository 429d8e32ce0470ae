import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{config,engine,gateway,models,bench}/**/*.test.ts', '*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    coverage: {
      provider: 'v8',
      include: ['{config,engine,gateway,models}/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.d.ts', 'gateway/dashboard/**'],
      thresholds: { lines: 90 },
    },
  },
});
