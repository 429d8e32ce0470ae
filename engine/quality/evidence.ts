// Findings that are kept for a look, newest last: as many as fit; the oldest makes room and is counted as dropped.
import type { Finding } from './findings.ts';

export interface SavedEvidence {
  readonly findings: readonly Finding[];
  readonly total: number;
}

export class Evidence {
  /** Findings that came in. */
  total = 0;
  private readonly capacity: number;
  /** The newest stands at (total − 1) mod capacity. */
  private ring: Finding[] = [];

  constructor(capacity: number) {
    if (!(capacity >= 1)) throw new RangeError(`evidence of ${capacity} findings`);
    this.capacity = capacity;
  }

  get dropped(): number {
    return this.total - this.ring.length;
  }

  add(finding: Finding): void {
    this.ring[this.total % this.capacity] = finding;
    this.total += 1;
  }

  /** What is kept, oldest first. */
  findings(): Finding[] {
    const oldest = this.total <= this.capacity ? 0 : this.total % this.capacity;
    return [...this.ring.slice(oldest), ...this.ring.slice(0, oldest)];
  }

  clear(): void {
    this.ring = [];
    this.total = 0;
  }

  save(): SavedEvidence {
    return { findings: this.findings(), total: this.total };
  }

  load({ findings, total }: SavedEvidence): void {
    this.ring = [];
    this.total = total - findings.length;
    for (const finding of findings) this.add(finding);
  }
}
