// The section of RESULTS.md on the path over Kafka, and its goals.
import type { KafkaBenchResult } from './kafka.bench.ts';
import { type Goal, number, table } from './markdown.ts';

const P50_MS_MAX = 10;
const P99_MS_MAX = 50;

export function kafkaGoals({ latency: { p50Us, p99Us } }: KafkaBenchResult): Goal[] {
  return [
    {
      text: `over Kafka, tick to client p50 <${P50_MS_MAX} ms`,
      value: `${ms(p50Us)} ms`,
      met: p50Us < P50_MS_MAX * 1000,
    },
    {
      text: `over Kafka, tick to client p99 <${P99_MS_MAX} ms`,
      value: `${ms(p99Us)} ms`,
      met: p99Us < P99_MS_MAX * 1000,
    },
  ];
}

export function kafkaSection(
  { shape, latency, lateness, lost, holes, backlog }: KafkaBenchResult,
  cores: number,
): string {
  const cells = [
    ['tick to client', latency],
    ['baseline: how late the frames left', lateness],
  ].map(([name, figures]) => {
    const { p50Us, p90Us, p99Us, maxUs } = figures as KafkaBenchResult['latency'];
    return [name as string, ...[p50Us, p90Us, p99Us, maxUs].map(ms)];
  });
  const [alone] = backlog;
  const taken = backlog.map(({ workers, ticks, seconds }) => [
    String(workers),
    number(ticks / seconds),
    `${number(ticks / seconds / (alone.ticks / alone.seconds))}×`,
  ]);
  return (
    `## Over Kafka\n\n${number(shape.framesPerSecond * shape.recordsPerFrame)} ticks a second through ingest, broker, one ` +
    `engine worker, broker and gateway to ${shape.clients} clients, every process and the broker on these ${cores} cores; ` +
    `${number(lost)} ticks lost, ${holes} holes.\n\n${table(['', 'p50, ms', 'p90, ms', 'p99, ms', 'longest, ms'], cells)}\n\n` +
    `What workers take from a backlog, from the first entry to the last; more workers than cores cannot be told here.\n\n` +
    table(['workers', 'ticks a second', 'of one worker'], taken)
  );
}

function ms(us: number): string {
  return number(us / 1000);
}
