// How busy the market is over the day: a U, high after the open and rising again to the close. Values are relative to
// the day's mean, so that the mean rate of an instrument is what its profile says.

const FLOOR = 0.7;
const OPEN = 1.6;
const OPEN_DECAY = 12;
const CLOSE = 0.6;
const CLOSE_DECAY = 14;
const MEAN = integral(1);

/** Activity at a fraction (0 … 1) of the continuous session, mean 1. */
export function activityAt(fraction: number): number {
  return (FLOOR + OPEN * Math.exp(-OPEN_DECAY * fraction) + CLOSE * Math.exp(-CLOSE_DECAY * (1 - fraction))) / MEAN;
}

/** Share of the day's volume that is done by a fraction of the session. */
export function volumeShareAt(fraction: number): number {
  return integral(fraction) / MEAN;
}

function integral(fraction: number): number {
  return (
    FLOOR * fraction +
    (OPEN / OPEN_DECAY) * (1 - Math.exp(-OPEN_DECAY * fraction)) +
    (CLOSE / CLOSE_DECAY) * (Math.exp(-CLOSE_DECAY * (1 - fraction)) - Math.exp(-CLOSE_DECAY))
  );
}
