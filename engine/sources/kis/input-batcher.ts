// Gathers what one session delivers in one turn of the event loop into batches, in the order of arrival. Sessions take
// turns: where another one begins, the batch before goes out, so that engine time never goes back between batches.
import { hostTimeUs } from '../../clock.ts';
import type { Input, InputBatch } from '../../input.ts';
import type { Timers } from './timers.ts';

/** More inputs in one turn make further batches. */
export const BATCH_INPUTS_MAX = 256;

export interface InputBatcherOptions {
  readonly timers: Timers;
  readonly onBatch: (batch: InputBatch) => void;
}

export class InputBatcher {
  private readonly options: InputBatcherOptions;
  /** Inputs since the last flush; handed over with the batch, never reused. */
  private inputs: Input[] = [];
  private session = '';
  private receivedUs = 0;
  private flushAwaited = false;

  constructor(options: InputBatcherOptions) {
    this.options = options;
  }

  add(session: string, input: Input): void {
    if (session !== this.session) this.flush();
    this.session = session;
    if (this.inputs.length === 0) this.receivedUs = hostTimeUs();
    this.inputs.push(input);
    if (this.inputs.length === BATCH_INPUTS_MAX) {
      this.flush();
    } else if (!this.flushAwaited) {
      this.flushAwaited = true;
      this.options.timers.afterTurn(() => {
        this.flushAwaited = false;
        this.flush();
      });
    }
  }

  flush(): void {
    if (this.inputs.length === 0) return;
    const batch = { receivedUs: this.receivedUs, inputs: this.inputs };
    this.inputs = [];
    this.options.onBatch(batch);
  }
}
