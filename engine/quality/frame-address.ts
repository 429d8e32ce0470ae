// Whom a frame that cannot be read was about, as far as its TR and the key of its first record can: for evidence only.
import { LAYOUTS } from '../decode/layouts.ts';
import type { RecordKind, Venue } from '../decode/records.ts';

export interface FrameAddress {
  readonly kind: RecordKind;
  readonly venue: Venue;
  /** '' where the key itself cannot be read. */
  readonly code: string;
}

/** The TR id and the key stand this near to a frame's beginning. */
const HEAD_BYTES = 32;
const HEAD = /^[01]\|([0-9A-Z]{8})(?:\|[^|^]*\|([0-9A-Z]{1,7})(?=\^))?/;
const text = new TextDecoder('latin1');

/** Null where not even its TR is one that is known. */
export function addressOf(frame: Uint8Array): FrameAddress | null {
  const [, trId, code = ''] = HEAD.exec(text.decode(frame.subarray(0, HEAD_BYTES))) ?? [];
  const layout = LAYOUTS.find((one) => one.trId === trId);
  return layout === undefined ? null : { kind: layout.kind, venue: layout.venue, code };
}
