// What /v1/status says of feed, journal and REST where another process has them: as that process told last.
import { NO_COUNTS } from '../sources/kis/source-status.ts';
import type { StatusParts } from '../status.ts';
import type { LocalEngine } from './local-engine.ts';

/** Before the ingest has told anything. */
const NOTHING_TOLD = {
  notices: { received: 0, stored: 0, foreign: 0, failed: 0 },
  recorder: { available: true, unjournaledInputs: 0, clampedInputs: 0 },
};

export function ingestParts(engine: LocalEngine): Pick<StatusParts, 'engine' | 'feed' | 'rest'> {
  const { machine, build, ingest, nextOffset, recovered } = engine;
  const { notices, recorder } = ingest ?? NOTHING_TOLD;
  const { reference = null, rest = null } = ingest ?? {};
  return {
    engine: { machine, build, recovered: recovered!, journal: { nextOffset }, recorder },
    feed: { source: machine.source, notices, kis: { status: () => ingest?.feed ?? NO_FEED } },
    rest:
      reference === null || rest === null
        ? null
        : { loader: { counters: reference }, client: { counters: rest, waiting: rest.waiting } },
  };
}

const NO_FEED: ReturnType<StatusParts['feed']['kis']['status']> = {
  state: 'idle',
  registered: 0,
  unconfirmed: 0,
  leftOut: [],
  lastLoss: undefined,
  failure: undefined,
  counts: NO_COUNTS,
  sessions: [],
};
