// Every fault that the emulator knows, by name: where it acts and what it does. The list in ../README.md is this one.
//
//   at_once       to all sessions, when it is asked for
//   frame         to what the next data frames say (frame-faults.ts); `trId` and `trKey` choose them, `count` bounds them
//   transport     to how the next data frames are carried, chosen in the same way
//   registration  to the next requests to register, chosen in the same way
//   session       to the next sessions

export type FaultPlace = 'at_once' | 'frame' | 'transport' | 'registration' | 'session';

export interface FaultDefinition {
  readonly place: FaultPlace;
  readonly does: string;
}

export const FAULTS = {
  drop: frame('The frame is left out.'),
  duplicate: frame('The frame is sent twice.'),
  truncate: frame('Half of the frame is sent, cut within a record.'),
  reorder: frame('The frame changes places with the next one of its registration.'),
  merge: frame("The frame and the next one of its registration in one message: two frames' text without a break."),
  split: frame('The frame in two messages, cut within a record: neither is a frame.'),
  large: frame('Frames of the registration are held back and sent as one of more than 8 KB, which is legal.'),
  rewind: frame(
    "The registration's last frames are sent again in front of it: cumulative volume goes back and returns.",
  ),
  wider: frame('Each record has one field more than any known layout, which is legal.'),
  unknown_tr: frame('The frame names a TR that nobody knows.'),
  miscount: frame('The frame counts 997 records.'),
  empty_fields: frame('Every field behind the first one is empty.'),
  null_fields: frame('Prices are the literal (null).'),
  oversize: frame('600 KB of fields too many.'),
  off_grid: frame('The first record has a price that is on no tick and no midpoint; turnover goes on from it.'),
  beyond_limits: frame('The first record has a price above the upper daily limit; turnover goes on from it.'),
  bad_volume: frame('The first record says more shares than cumulative volume rose by.'),
  bad_turnover: frame('The cumulative turnover of the first record is one more trade of it too high.'),
  crossed_book: frame('The best bid is above the best ask.'),
  stale_time: frame('The exchange second of each record is 10 s old.'),
  index_off: frame('The index is 2 % above what its members give.'),

  fragment: transport('The message comes in three WebSocket fragments, which is legal.'),
  delay: transport('The frame and all behind it in the session come `ms` later.'),
  slow: transport('From this frame on the session sends one message each `ms`, answers too, for `frames` messages.'),
  cut: transport('The TCP connection ends in the middle of the WebSocket frame.'),

  reject: registration('Answered with `code`.'),
  no_answer: registration('Not answered.'),

  storm: session('All sessions are reset; the next `count` ones as well, each after `frames` data frames.'),

  stall: atOnce('Sessions fall silent with their sockets open, and hear nothing.'),
  no_pingpong: atOnce('Sessions get no PINGPONG any more; data go on.'),
  mute: atOnce('The approval keys in use register, and deliver nothing, now and in later sessions.'),
  reset: atOnce('Connections are reset.'),
  close: atOnce('Sessions are closed with code 1000.'),
  expire_keys: atOnce('All approval keys are forgotten: who registers with one gets OPSP0011.'),
  revoke_keys: atOnce('The app keys in use are refused from now on, by REST as well, and their sessions closed.'),
  switch_layout: atOnce(
    'Records change to other widths between two frames, since 2026-09-14 to those before it; or back.',
  ),
  clock_back: atOnce('The clock is announced 5 s earlier, to clients that asked for it.'),
  notice: atOnce('An execution notice is sent to who registered for them.'),
} as const satisfies Record<string, FaultDefinition>;

export type FaultType = keyof typeof FAULTS;
export const FAULT_TYPES = Object.keys(FAULTS) as readonly FaultType[];

/** Types of one place. */
export type FaultTypeAt<Place extends FaultPlace> = {
  [Type in FaultType]: (typeof FAULTS)[Type]['place'] extends Place ? Type : never;
}[FaultType];

export function isFaultType(name: unknown): name is FaultType {
  return typeof name === 'string' && Object.hasOwn(FAULTS, name);
}

function frame(does: string) {
  return { place: 'frame', does } as const;
}

function transport(does: string) {
  return { place: 'transport', does } as const;
}

function registration(does: string) {
  return { place: 'registration', does } as const;
}

function session(does: string) {
  return { place: 'session', does } as const;
}

function atOnce(does: string) {
  return { place: 'at_once', does } as const;
}
