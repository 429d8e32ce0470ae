import { describe, expect, it } from 'vitest';
import { WIRE_CODES } from '../../emulator/wire.ts';
import { CODE_KINDS, codeKind } from './codes.ts';

describe('codes of KIS', () => {
  it('are in the table, all that the wire knows and no others', () => {
    expect(Object.keys(CODE_KINDS).sort()).toEqual([...WIRE_CODES].sort());
  });

  it('that are unknown follow the result: success is active, anything else is tried again', () => {
    expect(codeKind('OPSP7777', '0')).toBe('active');
    expect(codeKind('OPSP7777', '1')).toBe('retry');
    expect(codeKind('OPSP7777', '')).toBe('retry');
    expect(codeKind('toString', '9')).toBe('retry');
  });
});
