// What is kept between visits: the browser's storage, or, where the reader has forbidden that, this visit's memory.

export type Memory = Pick<Storage, 'getItem' | 'setItem'>;

export function browserMemory(): Memory {
  try {
    return localStorage;
  } catch {
    const kept = new Map<string, string>();
    return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) };
  }
}
