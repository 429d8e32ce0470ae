import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FAULT_TYPES } from './catalogue.ts';

it('every fault is described in the README', () => {
  const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
  expect(FAULT_TYPES.filter((type) => !readme.includes(`\`${type}\``))).toEqual([]);
});
