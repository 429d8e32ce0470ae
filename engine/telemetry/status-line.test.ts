import { expect, it } from 'vitest';
import { createLogger } from './log.ts';
import { StatusLine } from './status-line.ts';

const figures = {
  source: 'simulated',
  feed: 'connected',
  ticksPerSecond: 1234.4,
  p50Us: 180.2,
  p99Us: 1250,
  connections: 1,
  gaps: 0,
  signals: 12,
};

function terminal(isTTY: boolean, columns = 200) {
  const written: string[] = [];
  const line = new StatusLine({ isTTY, columns, write: (text) => written.push(text) });
  return { line, written, log: createLogger({ level: 'info', destination: line }) };
}

/** What a terminal shows after the writes: the lines, and the one the cursor stands in. */
function screen(written: string[]): string[] {
  const lines = [''];
  for (const part of written
    .join('')
    .replaceAll('\r\u001b[2K', '\r')
    .split(/(\r|\n)/)) {
    if (part === '\n') lines.push('');
    else if (part === '\r') lines[lines.length - 1] = '';
    else lines[lines.length - 1] += part;
  }
  return lines;
}

it('renews one line and keeps log lines above it', () => {
  const { line, written, log } = terminal(true);
  log.info({ port: 8787 }, 'listening');
  line.update({ ...figures, ticksPerSecond: 1 }, log);
  line.update(figures, log);
  log.warn(new Error('the feed is gone'));
  const shown = screen(written);
  expect(shown).toHaveLength(3);
  expect(shown[0]).toMatch(/^\d\d:\d\d:\d\d info {2}listening port=8787$/);
  expect(shown[1]).toMatch(/warn {2}the feed is gone$/);
  expect(shown[2]).toBe(
    'simulated connected · 1,234 ticks/s · tick→publish p50 180 µs p99 1.3 ms · 1 connection · 0 gaps · 12 signals',
  );
  line.clear();
  expect(screen(written).at(-1)).toBe('');
});

it('never wraps', () => {
  const { line, written, log } = terminal(true, 40);
  line.update(figures, log);
  expect(screen(written).at(-1)).toHaveLength(39);
});

it('writes JSON lines where the output is no terminal, and the figures only now and then', () => {
  const { line, written, log } = terminal(false);
  for (let i = 0; i < 60; i++) line.update(figures, log);
  log.info('done');
  const lines = written.map((text) => JSON.parse(text));
  expect(lines.map(({ msg }) => msg)).toEqual(['status', 'status', 'done']);
  expect(lines[0]).toMatchObject({
    ticksPerSecond: 1234.4,
    connections: 1,
    gaps: 0,
    p50Us: 180.2,
    source: 'simulated',
  });
});
