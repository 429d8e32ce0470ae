// The feeds of overseas records, which the first four characters of RSYM name (`DNASAAPL`, `RBAQAAPL`): whose they are,
// and what follows from it for a record.
import { type ForeignTradeColumns, VENUES, type Venue } from './records.ts';

const OVERSEAS_VENUES: readonly Venue[] = ['NAS', 'NYS', 'AMS', 'HKS', 'TSE', 'SHS', 'SZS', 'HNX', 'HSX'];
/** The American day market, by the venue whose stocks it trades. */
const DAY_MARKETS: readonly (readonly [feed: string, venue: Venue])[] = [
  ['RBAQ', 'NAS'],
  ['RBAY', 'NYS'],
  ['RBAA', 'AMS'],
];

interface Feed {
  readonly venueIndex: number;
  readonly dayMarket: 0 | 1;
}

/** D is the free feed, R the one that is paid for; by their four bytes as one number, first one lowest. */
const FEEDS: ReadonlyMap<number, Feed> = new Map([
  ...OVERSEAS_VENUES.flatMap((venue) => [feedOf(`D${venue}`, venue, 0), feedOf(`R${venue}`, venue, 0)]),
  ...DAY_MARKETS.map(([feed, venue]) => feedOf(feed, venue, 1)),
]);

/** KIS's SIGN of a fall: 4 at the lower limit, 5 else. */
const FALLS = 4;

/** Gives the first records their venue and the sign of their change; false where a feed is not known. */
export function nameFeeds(columns: ForeignTradeColumns, count: number): boolean {
  for (let r = 0; r < count; r++) {
    const feed = FEEDS.get(columns.feed[r]);
    if (feed === undefined) return false;
    columns.venue[r] = feed.venueIndex;
    columns.dayMarket[r] = feed.dayMarket;
    // Whether DIFF itself has a sign is not documented.
    if (columns.changeSign[r] >= FALLS) columns.change[r] = -Math.abs(columns.change[r]);
  }
  return true;
}

/** Venue of a key or RSYM such as `DNASAAPL`, and the code behind it; null where it is none. */
export function overseasKey(key: string): { readonly venue: Venue; readonly code: string } | null {
  const feed = FEEDS.get(feedNumber(key));
  return feed === undefined ? null : { venue: VENUES[feed.venueIndex], code: key.slice(4) };
}

function feedOf(feed: string, venue: Venue, dayMarket: 0 | 1): [number, Feed] {
  return [feedNumber(feed), { venueIndex: VENUES.indexOf(venue), dayMarket }];
}

function feedNumber(text: string): number {
  let number = 0;
  for (let i = 3; i >= 0; i--) number = number * 256 + (text.charCodeAt(i) & 0xff);
  return number;
}
