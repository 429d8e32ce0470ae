// What stands for a message where millions of them are compared: 48 bits of a hash of its JSON.
import { hash } from 'node:crypto';
import type { Message } from '../../engine/messages.ts';

export function fingerprint(message: Message): number {
  return Number.parseInt(hash('md5', JSON.stringify(message), 'hex').slice(0, 12), 16);
}
