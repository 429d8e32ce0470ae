// The terminal of a run: one quiet line that renews itself, and log lines above it in short words. Where the output is no
// terminal there is no line to renew: log lines go out as JSON, and the figures become one of them now and then.
import type { Logger } from 'pino';

/** The part of a terminal or file that is written to. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface StatusFigures {
  /** `live`, `paper`, `simulated`, `recorded`: what is not the market says so. */
  readonly source: string;
  readonly feed: string;
  readonly ticksPerSecond: number;
  /** Tick to publish, microseconds. */
  readonly p50Us: number;
  readonly p99Us: number;
  readonly connections: number;
  readonly gaps: number;
  readonly signals: number;
}

/** Where the output is no terminal, the figures are logged at the first of so many updates. */
const UPDATES_PER_LOG_LINE = 30;

const ERASE_LINE = '\r\u001b[2K';

export class StatusLine {
  private readonly stream: TerminalStream;
  private shown = '';
  private updates = 0;

  constructor(stream: TerminalStream) {
    this.stream = stream;
  }

  /** Renews the line, or logs the figures where there is no terminal. */
  update(figures: StatusFigures, log: Logger): void {
    if (!this.stream.isTTY) {
      if (this.updates % UPDATES_PER_LOG_LINE === 0) log.info(figures, 'status');
      this.updates += 1;
      return;
    }
    // A line that wraps cannot be erased.
    this.shown = lineOf(figures).slice(0, (this.stream.columns || 80) - 1);
    this.stream.write(ERASE_LINE + this.shown);
  }

  /** Destination of the logger: a line of JSON, shown in short words on a terminal. */
  write(json: string): void {
    this.print(this.stream.isTTY ? shortLogLine(json) : json);
  }

  /** Prints text that ends with a line break above the status line. */
  print(text: string): void {
    this.stream.write(this.shown === '' ? text : ERASE_LINE + text + this.shown);
  }

  /** Takes the line away, for the end. */
  clear(): void {
    if (this.shown !== '') this.stream.write(ERASE_LINE);
    this.shown = '';
  }
}

function lineOf({ source, feed, ticksPerSecond, p50Us, p99Us, connections, gaps, signals }: StatusFigures): string {
  return [
    `${source} ${feed}`,
    `${Math.round(ticksPerSecond).toLocaleString('en')} ticks/s`,
    `tick→publish p50 ${durationText(p50Us)} p99 ${durationText(p99Us)}`,
    `${connections} ${connections === 1 ? 'connection' : 'connections'}`,
    `${gaps} ${gaps === 1 ? 'gap' : 'gaps'}`,
    `${signals} ${signals === 1 ? 'signal' : 'signals'}`,
  ].join(' · ');
}

function durationText(us: number): string {
  return us < 1000 ? `${Math.round(us)} µs` : `${(us / 1000).toFixed(1)} ms`;
}

/** `12:00:01 warn  message key=value`: for reading, not for machines. */
function shortLogLine(json: string): string {
  const { level, time, msg, err, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const words = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const reason = (err as { message?: string } | undefined)?.message;
  const text = [msg, reason === msg ? undefined : reason, ...words]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${text}\n`;
}
