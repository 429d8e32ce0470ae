// The signals of an epoch as one number and one hash: each signal that is published is linked to those before it, so that
// a seal in the journal says of all of them at once what they were.
//
//   digest = SHA-256(digest of the signals before | digest of the message as in streams/digest.ts); at first 32 zeros
import { hash } from 'node:crypto';
import type { SignalsSoFar } from '../journal/format.ts';
import type { StreamUpdate } from '../messages.ts';
import { messageDigest } from '../streams/digest.ts';

export interface SavedSignalChain {
  readonly epoch: string;
  readonly count: number;
  readonly digest: Uint8Array;
}

const DIGEST_BYTES = 32;

export class SignalChain {
  private epoch = '';
  private count = 0;
  /** The digest so far, and room for that of the next message. */
  private readonly link = Buffer.alloc(2 * DIGEST_BYTES);

  /** Takes what a batch made, in the order of publication; signals of another epoch are counted anew. */
  take(epoch: string, updates: readonly StreamUpdate[]): void {
    if (epoch !== this.epoch) {
      this.epoch = epoch;
      this.count = 0;
      this.link.fill(0);
    }
    for (let i = 0; i < updates.length; i++) {
      const { stream, messages } = updates[i];
      if (stream.channel === 'signals') for (const message of messages) this.add(message);
    }
  }

  /** For a seal. Later signals leave it as it is. */
  soFar(): SignalsSoFar {
    return { count: this.count, digest: Buffer.from(this.link.subarray(0, DIGEST_BYTES)) };
  }

  save(): SavedSignalChain {
    return { epoch: this.epoch, count: this.count, digest: Uint8Array.from(this.link.subarray(0, DIGEST_BYTES)) };
  }

  load({ epoch, count, digest }: SavedSignalChain): void {
    this.epoch = epoch;
    this.count = count;
    this.link.set(digest);
  }

  private add(message: object): void {
    this.link.write(messageDigest(message), DIGEST_BYTES, 'latin1');
    this.link.write(hash('sha256', this.link, 'latin1'), 'latin1');
    this.count += 1;
  }
}
