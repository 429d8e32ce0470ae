// What a long command says while it runs: one line that renews itself on a terminal, a plain line a stage elsewhere.

export interface Progress {
  /** `detail` changes often and is only shown on a terminal. */
  step(stage: string, detail?: string): void;
  /** A line that stays. */
  print(text: string): void;
}

export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const CLEAR_LINE = '\r\u001b[2K';

export function streamProgress(stream: ProgressStream): Progress {
  let lastStage = '';
  return {
    step(stage, detail = '') {
      if (stream.isTTY === true) stream.write(`${CLEAR_LINE}${stage}${detail === '' ? '' : `: ${detail}`}`);
      else if (stage !== lastStage) stream.write(`${stage}\n`);
      lastStage = stage;
    },
    print(text) {
      stream.write(`${stream.isTTY === true ? CLEAR_LINE : ''}${text}\n`);
    },
  };
}
