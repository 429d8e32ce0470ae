// Figures for Prometheus that others count in plain numbers of their own: they are read when it asks.
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export type Samples = Iterable<readonly [labels: Record<string, string>, value: number]>;

export interface Figure {
  /** One that ends in `_total` only grows. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly read: () => number | Samples;
}

export function registerFigures(register: Registry, figures: readonly Figure[]): void {
  for (const { name, help, labels = [], read } of figures) {
    const samples = (): Samples => {
      const value = read();
      return typeof value === 'number' ? [[{}, value]] : value;
    };
    const options = { name, help, labelNames: [...labels], registers: [register] };
    if (name.endsWith('_total'))
      new Counter({
        ...options,
        collect() {
          this.reset();
          for (const [of, value] of samples()) this.inc(of, value);
        },
      });
    else
      new Gauge({
        ...options,
        collect() {
          this.reset();
          for (const [of, value] of samples()) this.set(of, value);
        },
      });
  }
}

/** The Prometheus text format of these figures and of the process. */
export function metricsOf(figures: readonly Figure[]): () => Promise<string> {
  const register = new Registry();
  collectDefaultMetrics({ register });
  registerFigures(register, figures);
  return () => register.metrics();
}

/** A sample for each number of a table, by its key. */
export function rows(table: object, label: string): Samples {
  return Object.entries(table)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([key, value]) => [{ [label]: key }, value]);
}
