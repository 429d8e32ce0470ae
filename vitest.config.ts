// Tests stand beside the code. Each file has a process of its own, because servers and native modules do not share well.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{config,engine,gateway,models,bench}/**/*.test.ts', '*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for may take its time on a machine that does much else.
    expect: { poll: { timeout: 20_000, interval: 20 } },
    pool: 'forks',
    coverage: {
      provider: 'v8',
      reporter: ['text-summary', 'html'],
      include: ['{config,engine,gateway,models}/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.d.ts', 'gateway/dashboard/**'],
      thresholds: { lines: 90 },
    },
  },
});
