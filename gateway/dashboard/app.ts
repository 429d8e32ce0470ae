// The page, wired: the stream's messages go into the state, the state's changes mark views, a frame draws what is marked.
import type { Channel, Message, SignalMessage } from '../../engine/messages.ts';
import { KisignalClient, type Selection } from '../client.ts';
import type { SnapshotMessage, UpdateMessage, WelcomeMessage } from '../protocol.ts';
import { AlertNotice } from './alert-notice.ts';
import { Appearance } from './appearance.ts';
import { DataQuality } from './data-quality.ts';
import { required } from './element.ts';
import { FeedState } from './feed-state.ts';
import { FrameScheduler, type View } from './frame.ts';
import { IndicatorValues } from './indicator-values.ts';
import { Latency } from './latency.ts';
import { type InstrumentName, MarketState } from './market-state.ts';
import { browserMemory } from './memory.ts';
import { OrderBook } from './order-book.ts';
import type { PageContext } from './page-context.ts';
import { PageFrame } from './page-frame.ts';
import { Prediction } from './prediction.ts';
import { PriceChart } from './price-chart.ts';
import { Quote } from './quote.ts';
import { SignalList } from './signal-list.ts';
import { Translation } from './translation.ts';
import { WatchList } from './watch-list.ts';

/** Of every instrument; what only the chosen one is drawn with is subscribed for it alone. */
const CHANNELS_OF_ALL: Channel[] = [
  'ticks',
  'market',
  'predictions',
  'signals',
  'scores',
  'alerts',
  'status',
  'latency',
];
const CHANNELS_OF_SELECTED: Channel[] = ['books', 'bars', 'indicators', 'quality'];
/** Scores of every instrument, but those of its streams only of the chosen one. */
const QUALITY_OF_ALL: Selection = { channels: ['quality'], variants: [''] };

const memory = browserMemory();
const context: PageContext = {
  state: new MarketState(),
  translation: new Translation(memory, navigator.languages),
  appearance: new Appearance(memory, document, matchMedia('(prefers-color-scheme: dark)')),
  selected: location.hash.slice(1),
};
const { state } = context;
const frames = new FrameScheduler((draw) => requestAnimationFrame(draw));
const section = (id: string) => required(document, `#${id}`);

const page = new PageFrame(document, context, () => restyle());
const watchList = new WatchList(section('watch'), context, select, () => frames.mark(watchList));
const quote = new Quote(required(document, '.quote'), context);
const chart = new PriceChart(section('chart'), context, () => frames.mark(chart, indicators));
const book = new OrderBook(section('book'), context);
const prediction = new Prediction(section('prediction'), context);
const indicators = new IndicatorValues(section('indicators'), context, () => chart.interval);
const signals = new SignalList(section('signals'), context, select, () => frames.mark(signals));
const quality = new DataQuality(section('quality'), context, select);
const alert = new AlertNotice(section('alert'), context, showQuality, () => frames.mark(alert));
const latency = new Latency(section('latency'), context);
const feed = new FeedState(section('feed'), context);
const ofSelected: View[] = [quote, chart, book, prediction, indicators];
const all: View[] = [page, watchList, ...ofSelected, signals, quality, alert, latency, feed];

const client = new KisignalClient({
  url: `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/v1/stream`,
  WebSocket,
  onState: (connected) => {
    page.connectionChanged(connected);
    frames.mark(page);
  },
  onWelcome: welcome,
  onSnapshot: (snapshot) => show(snapshot, state.apply(snapshot)),
  onUpdate: (update) => show(update, state.apply(update)),
  onHole: ({ cause, fromSeq, toSeq }) => {
    if (cause === 'skipped') page.skipped += toSeq - fromSeq;
    frames.mark(page);
  },
  onNumbering: ({ epoch }) => numberedBy(epoch),
  onError: ({ text }) => refused(text),
});
subscribe({ channels: CHANNELS_OF_ALL });
subscribe(QUALITY_OF_ALL);
if (context.selected !== '') subscribe(ofInstrument(context.selected));

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', restyle);
addEventListener('hashchange', () => select(location.hash.slice(1)));
restyle();

function welcome({ source, epoch }: WelcomeMessage): void {
  state.source = source;
  numberedBy(epoch);
  frames.mark(...all);
  void loadStatus();
}

function numberedBy(epoch: string): void {
  if (state.epoch === epoch) return;
  state.restart(epoch);
  frames.mark(...all);
}

function ofInstrument(instrument: string): Selection {
  return { channels: CHANNELS_OF_SELECTED, instruments: [instrument] };
}

function subscribe(selection: Selection): void {
  client.subscribe(selection).catch((error: Error) => refused(error.message));
}

function refused(text: string): void {
  page.refusal = text;
  frames.mark(page);
}

/** Marks the views in which these messages are seen. */
function show({ type, channel, instrument }: SnapshotMessage | UpdateMessage, fresh: readonly Message[]): void {
  if (context.selected === '' && channel === 'ticks') select(instrument);
  const selected = instrument === context.selected;
  if (channel === 'ticks' || channel === 'predictions' || channel === 'market') frames.mark(watchList);
  if (channel === 'signals' || channel === 'scores') frames.mark(signals);
  if (channel === 'signals' && type === 'update') {
    for (const signal of fresh) signals.announce(instrument, signal as SignalMessage);
  }
  if (channel === 'quality') frames.mark(quality, feed);
  if (channel === 'alerts') frames.mark(alert, quality);
  // Open horizons count down with the engine's time, which the status tells every second; what was resolved goes by it.
  if (channel === 'status') frames.mark(feed, signals, page, alert, quality);
  if (channel === 'latency') frames.mark(latency);
  if (!selected) return;
  if (channel === 'ticks') frames.mark(quote, chart, book);
  if (channel === 'market') frames.mark(quote);
  if (channel === 'books') frames.mark(book, quote);
  if (channel === 'bars' || channel === 'signals') frames.mark(chart);
  if (channel === 'indicators') frames.mark(indicators);
  if (channel === 'predictions') frames.mark(prediction);
}

function select(instrument: string): void {
  if (instrument === '' || instrument === context.selected) {
    page.open('chart');
    return;
  }
  if (context.selected !== '') {
    client.unsubscribe(ofInstrument(context.selected)).catch((error: Error) => refused(error.message));
    page.open('chart');
  }
  context.selected = instrument;
  subscribe(ofInstrument(instrument));
  history.replaceState(null, '', `#${instrument}`);
  frames.mark(watchList, signals, quality, ...ofSelected);
}

function showQuality(): void {
  page.open('system');
  section('quality').scrollIntoView({ block: 'nearest' });
}

function restyle(): void {
  context.appearance.apply(context.translation.language);
  chart.restyle();
  frames.mark(...all);
}

/** Names of the instruments; without them the page shows codes, so a failure is no more than that. */
async function loadStatus(): Promise<void> {
  const response = await fetch('/v1/status').catch(() => null);
  if (response === null || !response.ok) return;
  const status = (await response.json()) as { version?: string; instruments?: InstrumentName[] };
  state.version = status.version ?? '';
  state.setNames(status.instruments ?? []);
  const first = status.instruments?.[0];
  if (context.selected === '' && first !== undefined) select(first.instrument);
  frames.mark(...all);
}
