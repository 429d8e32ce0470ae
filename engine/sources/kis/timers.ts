// The timers a source waits with, as a port: tests compress hours of waiting into milliseconds without sleeping.

export type Cancel = () => void;

export interface Timers {
  /** Calls back once after so many milliseconds, unless cancelled. */
  after(delayMs: number, callback: () => void): Cancel;
  /** Calls back when the present turn of the event loop has been read to its end. */
  afterTurn(callback: () => void): void;
}

export const systemTimers: Timers = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  afterTurn(callback) {
    setImmediate(callback);
  },
};
