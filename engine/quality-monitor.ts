// Data quality inside the state machine: it lives as long as the run's settings do, and once a period it is published:
// scores of the instruments that a finding has lowered, of the engine, and the alert. The evidence itself is asked for
// (`/v1/quality`) or derived again (`kisignal quality report`).
import { kstDate } from '../config/calendar.ts';
import type { AlertMessage, QualityMessage } from './messages.ts';
import { QualityAlert, type SavedAlert } from './quality/alert.ts';
import type { Finding, FindingListener } from './quality/findings.ts';
import { type DescribeTrading, Quality, type SavedQuality } from './quality/quality.ts';
import { engineMessage, instrumentMessage } from './quality/quality-message.ts';
import type { QualitySettings } from './quality/score.ts';
import type { NumberedStream, Streams } from './streams/streams.ts';

const VARIANTS = ['trades', 'books'] as const;

export interface SavedQualityMonitor {
  readonly quality: SavedQuality | null;
  readonly nextDueUs: number;
  readonly date: number;
  readonly changed: readonly string[];
  readonly alert: SavedAlert;
}

export interface QualityMonitorOptions {
  readonly streams: Streams;
  /** What the engine's own streams are called. */
  readonly engineName: string;
  /** Hears every finding, in order. */
  readonly onFinding?: FindingListener | undefined;
}

export class QualityMonitor {
  /** Of the run's settings; null before the first run. */
  quality: Quality | null = null;
  private readonly options: QualityMonitorOptions;
  private readonly alert = new QualityAlert();
  /** Names of instruments whose scores have changed since they were published. */
  private readonly changed = new Set<string>();
  private readonly opened = new Map<string, NumberedStream>();
  private date = 0;
  private nextDueUs = 0;

  constructor(options: QualityMonitorOptions) {
    this.options = options;
  }

  /** @param timed false for recordings, whose exchange times are of another day */
  begin(settings: QualitySettings, timed: boolean): void {
    const before = this.quality;
    const ended = before && this.alert.end(before.context.timeUs, before.settings.floor);
    if (ended !== null) this.options.streams.emit<'alerts'>(this.open('alerts', this.options.engineName, ''), ended);
    this.quality = new Quality({ settings, onFinding: this.onFinding });
    this.quality.timed = timed;
    this.changed.clear();
    this.date = this.nextDueUs = 0;
  }

  /** What time and other instruments say of the data, once a second; @returns an alert that was raised or resolved */
  advance(timeUs: number, describe: DescribeTrading): AlertMessage | null {
    const { quality } = this;
    if (quality === null || timeUs < quality.nextDueUs) return null;
    quality.advance(describe);
    return timeUs < this.nextDueUs ? null : this.publish(quality, timeUs);
  }

  /** An instrument is new: its scores are published once without a finding. */
  follow(instrument: string): void {
    this.changed.add(instrument);
  }

  /** A finding lowers the scores of what it speaks of. */
  private readonly onFinding = (finding: Finding): void => {
    if (finding.instrument !== 'engine') this.changed.add(finding.instrument);
    this.options.onFinding?.(finding);
  };

  private publish(quality: Quality, timeUs: number): AlertMessage | null {
    const periodUs = quality.settings.everyMs * 1000;
    this.nextDueUs = timeUs - (timeUs % periodUs) + periodUs;
    const date = kstDate(timeUs);
    if (date !== this.date) for (const { subject } of quality.all()) this.changed.add(subject.name);
    this.date = date;
    for (const name of this.changed) {
      const instrument = quality.named(name);
      if (instrument === undefined) continue;
      this.emit(name, '', instrumentMessage(quality, instrument));
      for (const variant of VARIANTS) this.emit(name, variant, instrumentMessage(quality, instrument, variant));
    }
    this.changed.clear();
    const message = engineMessage(quality);
    this.emit(this.options.engineName, '', message);
    const alert = this.alert.update(timeUs, message.overall, quality.settings.floor);
    if (alert !== null) this.options.streams.emit<'alerts'>(this.open('alerts', this.options.engineName, ''), alert);
    return alert;
  }

  save(): SavedQualityMonitor {
    const { quality, nextDueUs, date, changed, alert } = this;
    return { quality: quality?.save() ?? null, nextDueUs, date, changed: [...changed], alert: alert.save() };
  }

  /** Into one that has begun, where the saved one had. */
  load({ quality, nextDueUs, date, changed, alert }: SavedQualityMonitor): void {
    if (quality !== null) this.quality!.load(quality);
    this.date = date;
    this.nextDueUs = nextDueUs;
    this.changed.clear();
    for (const name of changed) this.changed.add(name);
    this.alert.load(alert);
  }

  private emit(instrument: string, variant: string, message: QualityMessage): void {
    this.options.streams.emit<'quality'>(this.open('quality', instrument, variant), message);
  }

  private open(channel: 'quality' | 'alerts', instrument: string, variant: string): NumberedStream {
    const key = `${channel}/${instrument}/${variant}`;
    let stream = this.opened.get(key);
    if (stream === undefined) {
      stream = this.options.streams.open(channel, instrument, variant);
      this.opened.set(key, stream);
    }
    return stream;
  }
}
