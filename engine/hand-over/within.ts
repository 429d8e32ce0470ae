// What must come within a time: the value, or the error that says it did not.

export async function within<T>(promise: Promise<T>, ms: number, late: Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late), ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

const POLL_MS = 20;

/** Tries until it gives something, or the time is over: null. */
export async function eventually<T>(attempt: () => T | null, ms: number): Promise<T | null> {
  const rounds = Math.ceil(ms / POLL_MS);
  for (let round = 0; round < rounds; round++) {
    const value = attempt();
    if (value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return attempt();
}
