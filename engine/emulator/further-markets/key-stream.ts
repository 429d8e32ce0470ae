// What the further markets share: a stream of chance for each key, and the wire's clock.

/** The stream's number, apart from those of the Korean market, which count from 0. */
export function streamOf(key: string): number {
  let hash = 0x5eed0000;
  for (let at = 0; at < key.length; at += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
  return hash | 0x40000000;
}

/** HHMMSS. */
export function clockText(second: number): string {
  return [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join('');
}
