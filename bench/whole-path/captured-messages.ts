// The messages that kisignal sent for each frame, kept in a file for the relay: what it sends is not invented.
//
//   frame: u32 little-endian, length: u32, the bytes of the message; and so on
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const HEAD_BYTES = 8;
const WRITE_BYTES = 1 << 20;

export class CaptureWriter {
  messages = 0;
  private readonly file: number;
  private readonly buffer = Buffer.alloc(2 * WRITE_BYTES);
  private filled = 0;

  constructor(path: string) {
    this.file = openSync(path, 'w');
  }

  add(frame: number, message: Uint8Array): void {
    if (this.filled + HEAD_BYTES + message.length > this.buffer.length) this.flush();
    this.buffer.writeUInt32LE(frame, this.filled);
    this.buffer.writeUInt32LE(message.length, this.filled + 4);
    this.buffer.set(message, this.filled + HEAD_BYTES);
    this.filled += HEAD_BYTES + message.length;
    this.messages += 1;
    if (this.filled > WRITE_BYTES) this.flush();
  }

  close(): void {
    this.flush();
    closeSync(this.file);
  }

  private flush(): void {
    writeSync(this.file, this.buffer, 0, this.filled);
    this.filled = 0;
  }
}

export interface ReadyMessage {
  /** `ticks/005930.KRX`: channel and instrument. */
  readonly topic: string;
  readonly bytes: Buffer;
}

/** By frame, in the order of sending. */
export function readCapture(path: string, frames: number): ReadyMessage[][] {
  const messages: ReadyMessage[][] = Array.from({ length: frames }, () => []);
  const all = readFileSync(path);
  for (let at = 0; at < all.length; ) {
    const frame = all.readUInt32LE(at);
    const end = at + HEAD_BYTES + all.readUInt32LE(at + 4);
    const bytes = all.subarray(at + HEAD_BYTES, end);
    messages[frame].push({ topic: topicOf(bytes), bytes });
    at = end;
  }
  return messages;
}

/** A stream's key without its variant. */
function topicOf(message: Buffer): string {
  const found = /"stream":"([^/"]+\/[^/"]+)/.exec(message.toString('latin1', 0, 120));
  if (found === null) throw new Error(`not an update: ${message.toString('utf8', 0, 120)}`);
  return found[1];
}
