// A client in another language, of the standard library alone, that has only the addresses changed.
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { testEmulator } from './test-emulator.ts';

const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0;
const reason = hasPython ? '' : ' (skipped: no python3 of at least 3.8 on the PATH)';

it.skipIf(!hasPython)(
  `a plain Python client reads quotes, trades and books, and keeps its session${reason}`,
  async () => {
    const emulator = await testEmulator({ speed: 10, pingIntervalMs: 500 });
    const script = join(import.meta.dirname, 'foreign-client.py');
    const { stdout } = await promisify(execFile)(
      'python3',
      [script, '127.0.0.1', String(emulator.port), '005930', '500'],
      {
        timeout: 60_000,
      },
    );
    expect(JSON.parse(stdout)).toEqual({
      answers: [
        ['H0STCNT0', 'OPSP0000', 'N'],
        ['H0STASP0', 'OPSP0000', 'N'],
      ],
      widths: [47],
      codes: ['005930'],
      breaks: 0,
      price: expect.stringMatching(/^\d+$/),
      trId: 'FHKST01010100',
      books: true,
    });
  },
);
