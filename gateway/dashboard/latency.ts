// Percentiles of the engine's own times: the whole path over time as a chart, each stage of the last interval as a table.
import uPlot from '/assets/uplot.js';
import type { LatencyMessage } from '../../engine/messages.ts';
import type { Appearance } from './appearance.ts';
import { element, required, write } from './element.ts';
import type { View } from './frame.ts';
import type { PageContext } from './page-context.ts';

const STAGES = ['decode', 'indicators', 'predict', 'decide', 'publish', 'total'] as const;
const CHART_HEIGHT = 150;
/** A log scale has no zero. */
const DURATION_US_MIN = 0.1;

export class Latency implements View {
  private readonly root: HTMLElement;
  private readonly context: PageContext;
  private readonly holder: HTMLElement;
  private readonly chart: uPlot;
  private readonly rows: StageRow[];

  constructor(root: HTMLElement, context: PageContext) {
    this.root = root;
    this.context = context;
    this.holder = required(root, '.latency-chart');
    const width = Math.max(1, this.holder.clientWidth);
    this.chart = new uPlot(chartOptions(context, width), [[], [], []], this.holder);
    new ResizeObserver(() => {
      if (this.holder.clientWidth > 0) {
        this.chart.setSize({ width: this.holder.clientWidth, height: CHART_HEIGHT });
      }
    }).observe(this.holder);

    const body = required(root, 'tbody');
    this.rows = STAGES.map((stage) => stageRow(body, stage));
  }

  render(): void {
    const { state, translation } = this.context;
    const { format } = translation;
    const latencies = state.latencies.toArray();
    const last = latencies[latencies.length - 1];
    for (const { stage, label, p50, p99, max } of this.rows) {
      const measured = last?.stages[stage];
      write(label, translation.text(`latency.${stage}`));
      write(p50, format.duration(measured?.p50));
      write(p99, format.duration(measured?.p99));
      write(max, format.duration(measured?.max));
    }
    write(required(this.root, '[data-part=note]'), last === undefined ? translation.text('latency.empty') : '');
    this.chart.setData(columnsOf(latencies));
  }
}

interface StageRow {
  readonly stage: (typeof STAGES)[number];
  readonly label: HTMLElement;
  readonly p50: HTMLElement;
  readonly p99: HTMLElement;
  readonly max: HTMLElement;
}

function stageRow(body: HTMLElement, stage: StageRow['stage']): StageRow {
  const label = element('th');
  label.scope = 'row';
  const [p50, p99, max] = [element('td', 'number'), element('td', 'number'), element('td', 'number')];
  const row = element('tr', '', label, p50, p99, max);
  row.dataset.stage = stage;
  body.append(row);
  return { stage, label, p50, p99, max };
}

function columnsOf(latencies: readonly LatencyMessage[]): uPlot.AlignedData {
  const total = (percentile: 'p50' | 'p99') =>
    latencies.map(({ count, stages }) => (count === 0 ? null : Math.max(DURATION_US_MIN, stages.total[percentile])));
  return [latencies.map(({ timeUs }) => timeUs / 1_000_000), total('p50'), total('p99')];
}

function chartOptions({ appearance, translation }: PageContext, width: number): uPlot.Options {
  const clock = (_: uPlot, times: number[]) => times.map((time) => translation.format.timeOfDay(time * 1_000_000));
  const axis = {
    stroke: () => appearance.colour('text-muted'),
    grid: { stroke: () => appearance.colour('line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return {
    width,
    height: CHART_HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 26, 0, 0],
    scales: { x: { time: true }, y: { distr: 3, range: rangeOf } },
    axes: [
      { ...axis, values: clock, space: 90, size: 28 },
      { ...axis, splits: decades, values: (_, values) => values.map((us) => wholeDuration(us, translation)), size: 58 },
    ],
    series: [{}, { ...lineOf(appearance, 'accent'), label: 'p50' }, { ...lineOf(appearance, 'warning'), label: 'p99' }],
  };
}

function lineOf(appearance: Appearance, colour: string): uPlot.Series {
  return { stroke: () => appearance.colour(colour), width: 1.5, points: { show: false } };
}

/** Whole decades around the data, so that the scale does not breathe with every point. */
function rangeOf(_: uPlot, low: number | null, high: number | null): uPlot.Range.MinMax {
  if (low === null || high === null) return [10, 1000];
  const floor = powerOfTen(Math.floor(Math.log10(low)));
  const ceiling = powerOfTen(Math.ceil(Math.log10(high)));
  return [floor, ceiling > floor ? ceiling : floor * 10];
}

function powerOfTen(exponent: number): number {
  return Number(`1e${exponent}`);
}

function decades(_: uPlot, __: number, low: number, high: number): number[] {
  const marks: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); powerOfTen(exponent) <= high; exponent++) {
    marks.push(powerOfTen(exponent));
  }
  return marks;
}

function wholeDuration(us: number, { format }: PageContext['translation']): string {
  return format.duration(us).replace(/\.0+(?= )/, '');
}
