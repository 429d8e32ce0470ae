// Market status (H0STMKO0, H0NXMKO0, H0UNMKO0): rare and textual, so read as text. The layout, from the code on:
// code, halted, reason of the halt, operation, expected operation, arbitrary end, dividend, issue status, VI, VI off hours.
import type { MarketStatusRecord } from './records.ts';

const CODE = /^[0-9A-Z]{1,7}$/;
const CLASS = /^[0-9A-Z]{0,8}$/;
const text = new TextDecoder();

/** Records of a payload whose width has been checked; null where a field is not what it must be. */
export function marketStatusRecords(payload: Uint8Array, count: number, width: number): MarketStatusRecord[] | null {
  const fields = text
    .decode(payload)
    .split('^')
    .map((field) => (field === '(null)' ? '' : field));
  const records: MarketStatusRecord[] = [];
  for (let r = 0; r < count; r++) {
    const [code, halted, haltReason, operation, expectedOperation, , , issueStatus, vi] = fields.slice(r * width);
    const classes = [operation, expectedOperation, issueStatus];
    if (!CODE.test(code) || !isFlag(halted) || !isFlag(vi) || !classes.every((name) => CLASS.test(name))) return null;
    records.push({
      code,
      halted: halted === 'Y',
      haltReason,
      operation,
      expectedOperation,
      issueStatus,
      volatilityInterruption: vi === 'Y',
    });
  }
  return records;
}

function isFlag(field: string): boolean {
  return field === '' || field === 'Y' || field === 'N';
}
